package shikaku.card

import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals

/** The running service with its operator, for all tests of this process; it ends with it. */
object Clinic {
    /** Between the devices and the service. */
    val network = Network()

    private val process: Process = ProcessBuilder(System.getProperty("clinic"))
        .apply { environment()["ORIGIN"] = "https://localhost:${network.port}" }
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
    private val answers = process.inputStream.bufferedReader()
    private val folder: Path = Path.of(checkNotNull(answers.readLine()) { "the service does not start" })

    init {
        find()
    }

    /** The trust list that names the service. */
    val trust: String get() = Files.readString(folder.resolve("service/trust.json"))

    /** An account with its settings, as the institution is handed them. */
    class Account(val id: String, val settings: String)

    /** Issues an account for a device more. */
    fun issue(): Account {
        operate("issue")
        val id = Files.readString(folder.resolve("account")).trim()
        return Account(id, Files.readString(folder.resolve("$id.jws")))
    }

    /** Has the operator do `shikaku admin` [words]. */
    fun admin(words: String) = operate("admin $words")

    /** Does [what] without the service's process, and starts it again on the same data. */
    fun whileGone(what: () -> Unit) {
        operate("service_down")
        try {
            what()
        } finally {
            operate("service_again")
            find()
        }
    }

    private fun operate(line: String) {
        process.outputStream.write("$line\n".toByteArray())
        process.outputStream.flush()
        assertEquals("done", answers.readLine(), line)
    }

    /** The port at which the service said that it listens. */
    private fun find() {
        val said = Files.readString(folder.resolve("serve.out"))
        network.service = checkNotNull(Regex("\"address\": *\"[^\"]*:(\\d+)\"").find(said)) { said }.groupValues[1].toInt()
    }
}
