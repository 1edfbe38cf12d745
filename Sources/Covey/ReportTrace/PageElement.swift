/// An element of a report's page as a browser would see it: enough of HTML for pages that ``HTMLReport`` wrote.
///
/// What traces a page must not trust what wrote it, so it begins with the bytes of the page.
struct PageElement {
    let name: String
    let attributes: [String: String]
    var content: [Content] = []

    /// What stands in an element, in its order.
    enum Content {
        case element(PageElement)
        case text(String)
    }

    /// The page's root; `nil` where the tags do not close.
    static func page(_ html: String) -> PageElement? {
        var reader = Reader(bytes: Array(html.utf8))
        var root = PageElement(name: "", attributes: [:])
        return reader.fill(&root) ? root : nil
    }

    /// The elements right below.
    var children: [PageElement] {
        content.compactMap { if case .element(let element) = $0 { element } else { nil } }
    }

    /// All text in it, tags left out.
    var text: String {
        content.map { part in
            switch part {
            case .text(let text): text
            case .element(let element): element.text
            }
        }.joined()
    }

    /// The classes it has.
    var classes: Set<String> {
        Set((attributes["class"] ?? "").split(separator: " ").map(String.init))
    }

    /// All elements below for which a condition holds, in the order of the page; none within another one.
    func all(where condition: (PageElement) -> Bool) -> [PageElement] {
        children.flatMap { condition($0) ? [$0] : $0.all(where: condition) }
    }

    /// All elements below with a name.
    func all(_ name: String) -> [PageElement] { all { $0.name == name } }

    /// The first element below with an identifier.
    func first(id: String) -> PageElement? {
        for child in children {
            if child.attributes["id"] == id { return child }
            if let found = child.first(id: id) { return found }
        }
        return nil
    }

    private static let empty: Set<String> = ["meta", "img", "br", "link", "input", "hr", "!DOCTYPE"]

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        /// Reads the content of an element up to its closing tag.
        mutating func fill(_ element: inout PageElement) -> Bool {
            while at < bytes.count {
                guard bytes[at] == UInt8(ascii: "<") else {
                    let end = bytes[at...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                    element.content.append(.text(Self.unescaped(bytes[at..<end])))
                    at = end
                    continue
                }
                let end = tagEnd()
                let tag = bytes[at + 1..<end]
                at = min(end + 1, bytes.count)
                if tag.first == UInt8(ascii: "/") {
                    return String(decoding: tag.dropFirst(), as: UTF8.self) == element.name
                }
                var child = Self.opened(tag)
                let isClosed = tag.last == UInt8(ascii: "/") || PageElement.empty.contains(child.name)
                if !isClosed {
                    if child.name == "script" || child.name == "style" {
                        takeRaw(&child)
                    } else if !fill(&child) {
                        return false
                    }
                }
                element.content.append(.element(child))
            }
            return element.name.isEmpty
        }

        /// Where the tag at the cursor ends: the first > outside of quotes.
        private func tagEnd() -> Int {
            var isQuoted = false
            for place in at..<bytes.count {
                if bytes[place] == UInt8(ascii: "\"") { isQuoted.toggle() }
                if bytes[place] == UInt8(ascii: ">"), !isQuoted { return place }
            }
            return bytes.count
        }

        /// The text of a script or style, which nothing but its own end tag ends.
        private mutating func takeRaw(_ element: inout PageElement) {
            let mark = Array("</\(element.name)".utf8)
            var end = at
            while end + mark.count < bytes.count,
                bytes[end] != mark[0] || !bytes[end..<end + mark.count].elementsEqual(mark)
            {
                end += 1
            }
            element.content = [.text(String(decoding: bytes[at..<end], as: UTF8.self))]
            at = min(end + mark.count + 1, bytes.count)
        }

        private static func opened(_ tag: ArraySlice<UInt8>) -> PageElement {
            let name = tag.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "/") }
            var attributes: [String: String] = [:]
            var rest = tag.dropFirst(name.count)
            while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
                let key = rest[..<equals].filter { $0 != UInt8(ascii: " ") }
                let quoted = rest[equals...].dropFirst(2)
                let close = quoted.firstIndex(of: UInt8(ascii: "\"")) ?? quoted.endIndex
                attributes[String(decoding: key, as: UTF8.self)] = unescaped(
                    quoted[quoted.startIndex..<close])
                rest = close < rest.endIndex ? rest[(close + 1)...] : []
            }
            return PageElement(name: String(decoding: name, as: UTF8.self), attributes: attributes)
        }

        private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
            let text = String(decoding: bytes, as: UTF8.self)
            guard bytes.contains(UInt8(ascii: "&")) else { return text }
            return text.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
                .replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
        }
    }
}
