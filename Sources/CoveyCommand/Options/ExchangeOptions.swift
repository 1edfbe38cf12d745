import ArgumentParser
import Covey

/// Which rows may be exchanged with which.
struct ExchangeOptions: ParsableArguments {
    @Option(
        help: """
            Column of subjects who recur: one row per map. Each subject gets a level of its own in the model, and \
            maps are exchanged within subjects.
            """)
    var repeated: String?

    @Option(
        help: """
            Blocks by columns, the outermost first: within:COLUMN (rows stay inside their block), whole:COLUMN \
            (blocks change places as wholes) or both:COLUMN; match:COLUMN last, to match the rows of wholes.
            """,
        transform: { try Read.blocks($0) })
    var blocks: BlockColumns?

    @Option(
        help: "Blocks by a file: a table of levels as PALM's -eb, or an FSL .grp as randomise -e reads it.")
    var blocksFile: String?

    @Option(help: "What the single column of a blocks file means: within (default), whole or both.")
    var blocksExchange: ExchangeabilityBlocks.Exchange?

    func validate() throws {
        if blocks != nil, blocksFile != nil {
            throw ValidationError("give '--blocks' or '--blocks-file', not both")
        }
        if blocksExchange != nil, blocksFile == nil {
            throw ValidationError("'--blocks-exchange' needs '--blocks-file'")
        }
    }

    /// - Throws: where blocks are given to a plan without shuffles, on whose other p-values they have no bearing.
    func applyToTest(_ plan: inout AnalysisPlan) throws {
        if plan.permutation == nil, blocks != nil || blocksFile != nil {
            throw ValidationError(
                "'\(blocks != nil ? "--blocks" : "--blocks-file")' says what shuffles exchange: give '--n-perm', "
                    + "such as 1000")
        }
        apply(to: &plan)
    }

    func apply(to plan: inout AnalysisPlan) {
        plan.data.repeated = repeated
        plan.blocks =
            blocks.map { .columns($0) }
            ?? blocksFile.map { .file(path: $0, exchange: blocksExchange ?? .within) }
    }
}

extension Read {
    /// Blocks by columns.
    static func blocks(_ text: String) throws -> BlockColumns {
        do throws(ExchangeabilityError) {
            return try BlockColumns(text)
        } catch {
            throw ValidationError("\(error.description): \(error.remedy)")
        }
    }
}
