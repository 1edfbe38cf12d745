/// What goes back to a browser: a head, and a body in memory or from a file.
struct Answer {
    enum Body {
        case bytes([UInt8])
        case file(OpenFile)
    }

    let status: Int
    let type: String
    let body: Body
    var location: String?

    /// A file, as its name says what it is.
    init(_ file: OpenFile, named name: String) {
        (status, type, body) = (200, Self.type(of: name), .file(file))
    }

    /// A page in memory.
    init(page: String) {
        (status, type, body) = (200, "text/html; charset=utf-8", .bytes(Array(page.utf8)))
    }

    /// A line of text.
    init(_ status: Int, _ text: String, location: String? = nil) {
        self.status = status
        self.location = location
        (type, body) = ("text/plain; charset=utf-8", .bytes(Array((text + "\n").utf8)))
    }

    /// The answer to a request that is refused.
    init(_ refusal: Request.Refusal) {
        switch refusal {
        case .malformed: self.init(400, "This is no request that can be answered.")
        case .tooLong: self.init(431, "The request is too long.")
        case .method: self.init(405, "Only GET and HEAD are answered.")
        case .host: self.init(421, "Ask for localhost, 127.0.0.1 or [::1].")
        }
    }

    /// The head, to the empty line.
    var head: [UInt8] {
        let count: Int =
            switch body {
            case .bytes(let bytes): bytes.count
            case .file(let file): file.byteCount
            }
        let words: [Int: String] = [
            200: "OK", 301: "Moved Permanently", 400: "Bad Request", 404: "Not Found",
            405: "Method Not Allowed", 421: "Misdirected Request", 431: "Request Header Fields Too Large",
        ]
        var lines = [
            "HTTP/1.1 \(status) \(words[status] ?? "")", "Content-Type: \(type)", "Content-Length: \(count)",
            "Connection: close", "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
            // The address holds the token.
            "Referrer-Policy: no-referrer", "Cross-Origin-Resource-Policy: same-origin",
            "X-Frame-Options: DENY",
        ]
        if status == 405 { lines.append("Allow: GET, HEAD") }
        if let location { lines.append("Location: \(location)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// The media type of a file by its name.
    static func type(of name: String) -> String {
        let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        return switch ending {
        case "html": "text/html; charset=utf-8"
        case "json": "application/json"
        case "tsv": "text/tab-separated-values; charset=utf-8"
        case "csv": "text/csv; charset=utf-8"
        case "txt", "md", "log": "text/plain; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "svg": "image/svg+xml"
        case "pdf": "application/pdf"
        case "gz": "application/gzip"
        default: "application/octet-stream"
        }
    }

    /// The list of a folder.
    init(listing names: [String], of path: [String]) {
        let title = path.isEmpty ? "Results" : path.joined(separator: "/")
        let rows = (path.isEmpty ? [] : [".."]) + names
        let list = rows.map { "<li><a href=\"\(Self.address($0))\">\(Self.escaped($0))</a></li>" }
        self.init(
            page: """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(title))</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark"></head>
                <body style="font: 1rem/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem">
                <h1 style="font-size: 1.4rem">\(Self.escaped(title))</h1>
                <ul>\(list.joined(separator: "\n"))</ul>
                </body></html>

                """)
    }

    /// A name as part of an address: everything but letters, digits and `-._~` escaped.
    static func address(_ name: String) -> String {
        name == ".."
            ? "../"
            : "./"
                + name.utf8.map { byte -> String in
                    let character = Character(UnicodeScalar(byte))
                    let isPlain =
                        byte < 128
                        && (character.isLetter || character.isWholeNumber || "-._~".contains(character))
                    return isPlain
                        ? String(character)
                        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
