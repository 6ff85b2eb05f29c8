// Recorded taps through the core's generated Swift: the types cross, and the octets are the same. Compiled and run by
// tests/stages/swift, together with the lines of docs/integrate.md.
//
// The recordings are read here by a reader of its own; of the core nothing is used but what crosses the FFI.

import Foundation
import ShikakuCore

struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// Values, expectations and exchanges of one .apdu file.
struct Recording {
    let name: String
    let text: String
    var values: [String: String] = [:]
    var expected: [String: String] = [:]
    var lines: [(mark: String, octets: String)] = []

    init(_ url: URL) throws {
        name = url.lastPathComponent
        text = try String(contentsOf: url, encoding: .utf8)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            let words = parts[1].split(separator: " ", maxSplits: 2).map(String.init)
            switch parts[0] {
            case "=" where words[0] == "expect": expected[words[1]] = words.count > 2 ? words[2] : ""
            case "=": values[words[0]] = words.dropFirst().joined(separator: " ")
            case ">", "<", "!": lines.append((parts[0], parts[1].replacingOccurrences(of: " ", with: "")))
            default: break
            }
        }
    }
}

let faults: [String: Fault] = [
    "tag-lost": .tagLost, "timeout": .timeout, "cancelled": .cancelled, "card-absent": .cardAbsent,
    "two-cards": .twoCards, "other-kind": .otherKind, "reader-absent": .readerAbsent, "reader-busy": .readerBusy, "reader-failed": .readerFailed,
]

/// The octets of hexadecimal digits.
func octets(_ hex: String) -> Data {
    let digits = Array(hex.replacingOccurrences(of: "-", with: ""))
    return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! })
}

/// Whether octets are those recorded, `??` standing for any one octet.
func fits(_ masked: String, _ octets: Data) -> Bool {
    let found = Array(octets.map { String(format: "%02X", $0) }.joined())
    let wanted = Array(masked.uppercased())
    return found.count == wanted.count && zip(wanted, found).allSatisfy { $0 == "?" || $0 == $1 }
}

/// Drives a tap through a recording: the last step, or nothing where an answer is masked.
func play(_ recording: Recording) throws -> Step? {
    let tap = try Tap.ofRecording(text: recording.text)
    var step = tap.start()
    var at = 0
    while case .transmit(let command, let stage, _) = step {
        guard at + 1 < recording.lines.count, recording.lines[at].mark == ">", fits(recording.lines[at].octets, command)
        else { throw Failure(description: "\(recording.name): line \(at) at \(stage) is not the recorded one") }
        let (mark, answer) = recording.lines[at + 1]
        if mark == "<", answer.contains("?") { return nil }
        step = mark == "!" ? tap.fail(fault: faults[answer]!) : tap.advance(response: octets(answer))
        at += 2
    }
    guard at == recording.lines.count else { throw Failure(description: "\(recording.name): goes on after \(at)") }
    return step
}

/// What the end of a tap is in the words of a recording.
func outcome(_ step: Step) -> [String: String] {
    switch step {
    case .signed(let tap): ["outcome": "signed", "tries": String(tap.tries())]
    case .proven(let tries): ["outcome": "proven", "tries": tries.map(String.init) ?? "unknown"]
    case .ended(let end):
        ["outcome": "ended", "code": end.code, "tries": end.tries.map(String.init) ?? "unknown"]
    case .transmit: [:]
    }
}

let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
var judged = 0
for file in files.sorted(by: { $0.path < $1.path }) where file.pathExtension == "apdu" {
    let recording = try Recording(file)
    guard ["tap", "visual"].contains(recording.values["program"] ?? "tap") else { continue }
    guard let end = try play(recording) else { continue }
    let found = outcome(end)
    guard found["outcome"] == recording.expected["outcome"] else {
        throw Failure(description: "\(recording.name): \(found)")
    }
    for (key, value) in found {
        if let expected = recording.expected[key], expected != value {
            throw Failure(description: "\(recording.name): \(key) is \(value)")
        }
    }
    judged += 1
}
guard judged > 200 else { throw Failure(description: "only \(judged) recordings were judged") }
do {
    _ = try Tap.ofRecording(text: "# a note\n= nonsense 1\n")
    throw Failure(description: "what is no recording made a tap")
} catch ReplayError.Malformed(let detail) {
    guard detail.contains("line 2") else { throw Failure(description: detail) }
}
guard guide().count > 80 else { throw Failure(description: "the guide is not whole") }
print("swift: \(judged) recorded taps, the guide, the lines of docs/integrate.md")
