package shikaku.card

import java.nio.file.Files
import java.nio.file.Path
import shikaku.core.Fault

/** A recorded tap (`tests/transcripts`), read by a reader of its own: of the core only what crosses the FFI is used. */
class Recording(path: Path) {
    val name: String = path.fileName.toString()
    val text: String = Files.readString(path)
    val expected = mutableMapOf<String, String>()
    private val values = mutableMapOf<String, String>()

    /** Mark and what follows it, in order. */
    val lines = mutableListOf<Pair<Char, String>>()

    init {
        for (line in text.lines().map(String::trim).filter(String::isNotEmpty)) {
            val rest = line.drop(1).trim()
            when (line.first()) {
                '=' -> note(rest.split(' ', limit = 3))
                '>', '<', '!' -> lines += line.first() to rest.replace(" ", "")
            }
        }
    }

    val isTap: Boolean get() = values.getOrDefault("program", "tap") in setOf("tap", "visual")

    private fun note(words: List<String>) {
        if (words.first() == "expect") {
            expected[words[1]] = words.getOrElse(2) { "" }
        } else {
            values[words.first()] = words.drop(1).joinToString(" ")
        }
    }

    companion object {
        private val folder: Path = Path.of(System.getProperty("transcripts"))

        fun named(name: String) = Recording(folder.resolve("$name.apdu"))

        fun taps(): List<Recording> = Files.list(folder).use { files ->
            files.filter { it.toString().endsWith(".apdu") }.sorted().map(::Recording).toList()
        }.filter(Recording::isTap)
    }
}

/** Plays a recording's side of the card, strictly in its order. */
class Player(private val recording: Recording) : Transceiver {
    private var at = 0

    /** Set when an answer is masked: nothing after it is judged. */
    var isMasked = false
        private set

    var exchanges = 0
        private set

    val isOver: Boolean get() = at == recording.lines.size

    override fun transceive(command: ByteArray): Answer {
        if (isMasked) return Answer.None(Fault.CANCELLED)
        check(!isOver) { "${recording.name}: a command after the recording's end" }
        val (mark, wanted) = recording.lines[at]
        check(mark == '>' && fits(wanted, hex(command))) {
            "${recording.name}: exchange ${exchanges + 1} is not the recorded one"
        }
        val (kind, answer) = recording.lines[at + 1]
        if (kind == '<' && '?' in answer) {
            isMasked = true
            return Answer.None(Fault.CANCELLED)
        }
        at += 2
        exchanges += 1
        if (kind == '!') return Answer.None(Fault.valueOf(answer.uppercase().replace('-', '_')))
        return Answer.Response(octets(answer.replace("-", "")))
    }

    /** Whether octets are those recorded, `?` standing for any half of one. */
    private fun fits(wanted: String, found: String): Boolean =
        wanted.length == found.length && wanted.uppercase().zip(found).all { (a, b) -> a == '?' || a == b }
}

fun hex(octets: ByteArray): String = octets.joinToString("") { "%02X".format(it) }

fun octets(hex: String): ByteArray = hex.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
