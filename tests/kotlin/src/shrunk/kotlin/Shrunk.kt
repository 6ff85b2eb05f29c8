package shikaku.shrunk

import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import shikaku.card.MemoryKeys
import shikaku.card.MemoryStorage
import shikaku.core.Act
import shikaku.core.AppFacts
import shikaku.core.Effect
import shikaku.core.Given
import shikaku.core.OpenException
import shikaku.core.Platform
import shikaku.core.Shown
import shikaku.core.Terminal
import shikaku.core.UsbCardReader
import shikaku.core.UsbException

private val keys = MemoryKeys()
private val storage = MemoryStorage()

private fun open(trust: String, terms: String): Terminal {
    val facts = AppFacts("1.0.0", Platform.ANDROID, trust, testServices = true, termsVersion = 1u, terms = terms)
    return Terminal.open(facts, keys, storage)
}

private fun Terminal.carryOut(effects: List<Effect>) {
    for (effect in effects) if (effect is Effect.Perform) carryOut(runBlocking { perform(effect.call) })
}

/**
 * Registers a device at the running service, with the classes that are left once the rules for R8 have been applied: every
 * kind of thing crosses the FFI, and JNA finds what it looks for by name. Arguments: trust list, terms, user settings.
 */
fun main(arguments: Array<String>) {
    val (trust, terms, settings) = arguments.map { Files.readString(Path.of(it)) }
    val refused = runCatching { open("nonsense", terms) }.exceptionOrNull()
    check(refused is OpenException.TrustList && refused.code == "trust-list") { "$refused" }
    val reader = runCatching { UsbCardReader.ofDescriptors(ByteArray(3)) }.exceptionOrNull()
    check(reader is UsbException.Refused) { "$reader" }

    open(trust, terms).use { terminal ->
        terminal.carryOut(terminal.begin())
        check((terminal.screen().view as Shown.Terms).text == terms)
        terminal.carryOut(terminal.handle(Act.AgreeTerms))
        terminal.carryOut(terminal.handle(Act.GiveSettings(Given.Read(settings, "受付1"))))
        check(terminal.screen().view is Shown.Home) { terminal.detail() }
    }
    open(trust, terms).use { terminal -> println("registered: ${terminal.facts()?.institution}") }
}
