package shikaku.card

import com.sun.jna.Callback
import com.sun.jna.Native
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import shikaku.core.Act
import shikaku.core.Effect
import shikaku.core.ExportForm
import shikaku.core.Given
import shikaku.core.PlatformException
import shikaku.core.Shown
import shikaku.core.Stage

/** Key stores and storages that throw in the middle of a call: a code on the screen, and nothing half kept. */
class ThrowingPlatformTest {
    @AutoClose
    private val shells = Shells()
    private val handler: Callback.UncaughtExceptionHandler = Native.getCallbackExceptionHandler()

    /** Whatever can be thrown, and the code that staff see of it. */
    private enum class Thrown(val code: String, val make: () -> Throwable) {
        LOST("state-key-lost", { PlatformException.KeyLost() }),
        UNAVAILABLE("key-store-unavailable", { PlatformException.Unavailable() }),
        MISTAKE("key-store-unavailable", { IllegalStateException(SAID) }),
        /** The bindings catch exceptions alone; what else is thrown ends in JNA. */
        ERROR("key-store-unavailable", { StackOverflowError(SAID) }),
    }

    @BeforeEach
    fun say() = Native.setCallbackExceptionHandler { _, thrown -> assertEquals(SAID, thrown.message) }

    @AfterEach
    fun mend() = Native.setCallbackExceptionHandler(handler)

    @TestFactory
    fun aRegistrationWhoseKeyFailsLeavesNothingAndIsDoneWithTheSameSettings(): List<DynamicTest> {
        val shell = shells.open()
        val account = Clinic.issue()
        shell.act(Act.AgreeTerms)
        shell.act(Act.GiveSettings(Given.Read(account.settings, "受付1")))
        val failing = each { thrown ->
            for (asked in listOf("publicKey", "create", "sign")) {
                failing(shell, asked, thrown) {
                    shell.act(Act.AgreeTerms)
                    shell.act(Act.GiveSettings(Given.Read(account.settings, "受付1")))
                }
                assertInstanceOf(Shown.Settings::class.java, shell.view, asked)
                assertEquals(thrown.code, shell.code, asked)
                assertTrue(shell.storage.names.isEmpty() && shell.keys.names.isEmpty(), asked)
            }
        }
        return failing + dynamicTest("then it works") {
            shell.act(Act.GiveSettings(Given.Read(account.settings, "受付1")))
            assertInstanceOf(Shown.Home::class.java, shell.view, shell.terminal.detail())
            assertEquals(listOf("device-1"), shell.keys.names)
        }
    }

    @TestFactory
    fun aCheckThatIsNotSignedIsKeptAndSentWhenTheKeyIsThereAgain() = atHome { shell, thrown ->
        for (asked in listOf("publicKey", "sign")) {
            shell.card = Emulator.plug()
            shell.onStage = { stage -> if (stage == Stage.CLOSING) arm(shell, asked, thrown) }
            shell.check()
            assertInstanceOf(Shown.Kept::class.java, shell.view, shell.terminal.detail())
            assertEquals(thrown.code, shell.code, asked)
            assertLogSafe(shell)
            assertEquals(1u, shell.terminal.facts()?.unsentChecks)
            shell.act(Act.SendAgain)
            assertInstanceOf(Shown.Kept::class.java, shell.view, asked)
            shell.keys.trouble = { null }
            shell.act(Act.SendAgain)
            assertEquals("qualification-valid", shell.code, shell.terminal.detail())
            assertEquals(0u, shell.terminal.facts()?.unsentChecks)
            assertEquals(1, shell.card?.journal()?.second, "the card is not asked again")
            shell.act(Act.NextPerson)
        }
    }

    @TestFactory
    fun noTapBeginsWithoutTheKeyAndNoChallengeIsUsedUp() = atHome { shell, thrown ->
        val before = shell.terminal.facts()?.openChallenges to shell.card?.journal()?.second
        failing(shell, "publicKey", thrown) { shell.check() }
        assertEquals(thrown.code, shell.code)
        assertEquals(before, shell.terminal.facts()?.openChallenges to shell.card?.journal()?.second)
        shell.act(Act.NextPerson)
        assertChecks(shell)
    }

    @TestFactory
    fun anAnswerIsShownThoughNoChallengesAreFetchedForTheNext() = each { thrown ->
        val shell = shells.home()
        var fetches = 0
        shell.perform = { call ->
            if (shell.view !is Shown.Sending) {
                fetches += 1
                arm(shell, "sign", thrown)
            }
            shell.reallyPerform(call)
        }
        while (fetches == 0) {
            shell.act(Act.NextPerson)
            shell.check()
            assertEquals("qualification-valid", shell.code, shell.terminal.detail())
        }
        shell.keys.trouble = { null }
        shell.perform = shell::reallyPerform
        shell.act(Act.NextPerson)
        assertEquals(thrown.code, shell.code, "home tells of it")
        shell.act(Act.AskAgain)
        assertEquals(null, shell.code)
        assertChecks(shell)
    }

    @TestFactory
    fun aChangeOfKeysThatFailsLeavesTheOldOneGood() = atHome { shell, thrown ->
        for (asked in listOf("create", "sign")) {
            val (before, name) = shell.terminal.facts()?.keyId to shell.keys.names.single()
            failing(shell, asked, thrown) { shell.carryOut(shell.terminal.rotateKey()) }
            assertEquals(thrown.code, shell.code, asked)
            assertEquals(before, shell.terminal.facts()?.keyId)
            assertTrue(name in shell.keys.names)
            shell.act(Act.AskAgain)
            assertEquals(null, shell.code, "the old key is still the service's")
            shell.carryOut(shell.terminal.rotateKey())
            assertTrue(before != shell.terminal.facts()?.keyId && shell.keys.names.single() != name, asked)
        }
        assertChecks(shell)
    }

    @TestFactory
    fun evidenceThatIsNotSignedIsNotHandedOn(): List<DynamicTest> {
        val shell = shells.home()
        shell.check()
        return each { thrown ->
            failing(shell, "sign", thrown) {
                val effect = shell.terminal.handle(Act.Export(ExportForm.EVIDENCE)).single()
                assertEquals(thrown.code, assertInstanceOf(Effect.NotExported::class.java, effect).told.code)
            }
            assertEquals("qualification-valid", shell.code, "the answer is still there")
        }
    }

    @TestFactory
    fun anAppThatStartsBeforeItsKeyStoreAnswersFindsEverythingAtTheNextStart() = atHome { shell, thrown ->
        arm(shell, "publicKey", thrown)
        val early = shells.open(shell.keys, shell.storage)
        assertInstanceOf(Shown.Stopped::class.java, early.view)
        assertEquals(thrown.code, early.code)
        shell.keys.trouble = { null }
        val again = shells.open(shell.keys, shell.storage)
        again.card = Emulator.plug()
        assertChecks(again)
    }

    @TestFactory
    fun noCardIsAskedBeforeItsChallengeIsWrittenAsTaken() = atHome { shell, thrown ->
        val before = shell.card?.journal()?.second
        shell.storage.trouble = thrown.make
        shell.check()
        assertEquals("state-unwritable", shell.code)
        assertEquals(before, shell.card?.journal()?.second)
        shell.storage.trouble = { null }
        shell.act(Act.NextPerson)
        assertChecks(shell)
    }

    /** With one device for all, since an address may not register many. */
    private fun atHome(test: (Shell, Thrown) -> Unit): List<DynamicTest> {
        val shell = shells.home()
        return each { thrown -> test(shell, thrown) }
    }

    private fun each(test: (Thrown) -> Unit): List<DynamicTest> =
        Thrown.entries.map { thrown -> dynamicTest("$thrown") { test(thrown) } }

    private fun arm(shell: Shell, asked: String, thrown: Thrown) {
        shell.keys.trouble = { what -> thrown.make().takeIf { what == asked } }
    }

    private fun failing(shell: Shell, asked: String, thrown: Thrown, during: () -> Unit) {
        arm(shell, asked, thrown)
        during()
        shell.keys.trouble = { null }
        assertLogSafe(shell)
    }

    private fun assertLogSafe(shell: Shell) = assertTrue(SAID !in shell.terminal.detail(), shell.terminal.detail())

    private fun assertChecks(shell: Shell) {
        shell.check()
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
        shell.act(Act.NextPerson)
    }

    private companion object {
        /** What an exception says is a shell's own affair. */
        const val SAID = "what only a stack trace says"
    }
}
