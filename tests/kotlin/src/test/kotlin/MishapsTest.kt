package shikaku.card

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.Call
import shikaku.core.Effect
import shikaku.core.Shown
import shikaku.core.Stage

/** Cards that slip, networks that break, people who change their mind: against the running service. */
class MishapsTest {
    @AutoClose
    private val shells = Shells()

    @AfterEach
    fun mend() {
        Clinic.network.up()
    }

    @TestFactory
    fun aCardThatSlipsAtAnyExchangeHarmsNothingAndIsTappedAgain(): List<DynamicTest> {
        val stages = mutableListOf<Stage>()
        shells.home().run {
            onStage = stages::add
            check()
        }
        assertEquals(1, stages.count { it == Stage.PIN })
        // A device may not ask for more checks at once.
        return listOf("pulled", "pulled-after").flatMap { kind -> stages.indices.map { kind to it } }.chunked(8)
            .flatMap { some ->
                val shell by lazy { shells.home(null) }
                some.map { (kind, at) -> dynamicTest("$kind:${at + 1}") { slip(shell, kind, stages, at) } }
            }
    }

    private fun slip(shell: Shell, kind: String, stages: List<Stage>, at: Int) {
        val stage = stages[at]
        val card = Emulator.plug(trouble = "$kind:${at + 1}")
        shell.card = card
        // A kind of card that nothing is known of yet.
        shell.family = "$kind:$at"
        var sendings = 0
        shell.perform = { call ->
            if (shell.view is Shown.Sending) sendings += 1
            shell.reallyPerform(call)
        }
        shell.check()
        val heard = if (stage > Stage.PIN || (stage == Stage.PIN && kind == "pulled-after")) 1 else 0
        assertEquals(heard to "3", card.journal().run { second to third })
        if (stage != Stage.CLOSING) {
            assertEquals(if (stage == Stage.PIN) "card-removed-pin-unknown" else "card-removed", shell.code)
            assertEquals(0, sendings, "without a signature nothing is sent")
            card.putCard()
            shell.act(Act.TapAgain)
            shell.type("1234")
            assertEquals(heard + 1 to "3", card.journal().run { second to third })
        }
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
        assertEquals(1, sendings)
        shell.act(Act.NextPerson)
    }

    @Test
    fun aCheckThatIsCutOffBeforeItIsSentIsKeptAndSentLater() {
        val shell = shells.home()
        shell.onStage = { stage -> if (stage == Stage.SIGNATURE) Clinic.network.down() }
        shell.check()
        assertInstanceOf(Shown.Kept::class.java, shell.view, shell.terminal.detail())
        assertEquals("network-unreachable", shell.code)
        assertEquals(listOf(Action.SEND_AGAIN, Action.CANCEL), shell.actions)
        shell.act(Act.SendAgain)
        assertInstanceOf(Shown.Kept::class.java, shell.view)
        Clinic.network.up()
        shell.act(Act.SendAgain)
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
        assertEquals(1, shell.card?.journal()?.second, "the card is not needed again")
    }

    @Test
    fun aCheckWhoseAnswerIsCutOffIsAnsweredTheSameWhenItIsSentAgain() {
        val shell = shells.home()
        val cut = Clinic.network.cut.get()
        shell.onStage = { stage -> if (stage == Stage.SIGNATURE) Clinic.network.cutTheNextAnswer() }
        shell.check()
        assertInstanceOf(Shown.Kept::class.java, shell.view, shell.terminal.detail())
        assertEquals(cut + 1, Clinic.network.cut.get(), "the service has answered")
        Clinic.network.up()
        shell.act(Act.SendAgain)
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
    }

    @Test
    fun aCallThatIsGivenUpCountsAsUnansweredAndItsCheckIsKept() {
        val shell = shells.home()
        shell.perform = { call ->
            if (shell.view is Shown.Sending) {
                Clinic.network.swallow()
                abandon(shell, call)
            } else {
                shell.reallyPerform(call)
            }
        }
        shell.check()
        assertInstanceOf(Shown.Kept::class.java, shell.view)
        shell.perform = shell::reallyPerform
        Clinic.network.up()
        shell.act(Act.SendAgain)
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
    }

    /** Begins the call, and goes away. */
    private fun abandon(shell: Shell, call: Call): List<Effect> {
        runBlocking {
            val job = launch(Dispatchers.Unconfined) { shell.carryOut(shell.terminal.perform(call)) }
            yield()
            assertTrue(job.isActive, "nobody answers")
            job.cancel()
            job.join()
        }
        return emptyList()
    }

    @Test
    fun aServiceThatIsGoneKeepsTheCheckOverARestartOfTheAppAndAnswersWhenItIsBack() {
        val shell = shells.home()
        shell.act(Act.StartCheck(null))
        Clinic.whileGone {
            shell.type("1234")
            assertInstanceOf(Shown.Kept::class.java, shell.view)
        }
        Clinic.network.down()
        val again = shells.open(shell.keys, shell.storage)
        assertInstanceOf(Shown.Kept::class.java, again.view, "it was kept sealed")
        again.carryOut(again.terminal.testConnection())
        assertEquals("network-unreachable", again.terminal.connectionTest()?.problem?.code)
        Clinic.network.up()
        again.act(Act.SendAgain)
        assertEquals("qualification-valid", again.code, again.terminal.detail())
        again.act(Act.NextPerson)
        again.carryOut(again.terminal.testConnection())
        assertEquals(null, again.terminal.connectionTest()?.problem)
    }

    @Test
    fun aDeviceWithoutChallengesAndWithoutAServiceTellsOfItAndOfThePaper() {
        val shell = shells.home()
        Clinic.network.down()
        // Four lie ready, and are used up by taps that come to nothing.
        repeat(4) {
            shell.onStage = { stage -> if (stage == Stage.COUNTER) shell.act(Act.Cancel) }
            shell.check()
            assertInstanceOf(Shown.Home::class.java, shell.view)
        }
        shell.onStage = {}
        shell.check()
        assertEquals("network-unreachable", shell.code)
        shell.act(Act.NextPerson)
        assertEquals("network-unreachable", shell.code, "home tells of it too")
        Clinic.network.up()
        shell.act(Act.AskAgain)
        assertEquals(null, shell.code)
        shell.check()
        assertEquals("qualification-valid", shell.code)
    }

    /** Leads a shell to a screen from which the check can be given up. */
    private val cancellable: Map<String, Pair<String?, (Shell) -> Unit>> = mapOf(
        "PIN" to Pair("default") { shell -> shell.act(Act.StartCheck(null)) },
        "wrong PIN" to Pair("default") { shell -> shell.check("9999") },
        "warning" to Pair("two-tries") { shell -> shell.check() },
        "consent" to Pair("one-try") { shell -> shell.check() },
        "card awaited" to Pair(null) { shell -> shell.check() },
        "kept" to Pair("default") { shell ->
            shell.onStage = { stage -> if (stage == Stage.CLOSING) Clinic.network.down() }
            shell.check()
        },
    )

    @TestFactory
    fun aCheckIsGivenUpAtEveryScreenAndLeavesNothingForTheNextPerson(): List<DynamicTest> {
        val shell = shells.home()
        return cancellable.map { (screen, how) ->
            dynamicTest(screen) {
                val (card, lead) = how
                shell.card = card?.let { Emulator.plug(it) }
                lead(shell)
                assertTrue(Action.CANCEL in shell.actions, "${shell.view}")
                giveUp(shell) { shell.act(Act.Cancel) }
                assertEquals(null, shell.awaited)
                assertEquals(0u, shell.terminal.facts()?.unsentChecks)
                Clinic.network.up()
                shell.card = Emulator.plug()
                nextPerson(shell)
            }
        }
    }

    @TestFactory
    fun aTapIsGivenUpAtEveryStageAndTheCardIsLeft(): List<DynamicTest> {
        val shell = shells.home()
        val stages = Stage.entries.filter { it <= Stage.SIGNATURE } + Stage.CLOSING
        return stages.map { given ->
            dynamicTest("$given") {
                val card = Emulator.plug()
                shell.card = card
                shell.onStage = { stage -> if (stage == given) shell.act(Act.Cancel) }
                giveUp(shell) { shell.check() }
                assertEquals(if (given > Stage.PIN) 1 else 0, card.journal().second)
                nextPerson(shell)
            }
        }
    }

    private fun giveUp(shell: Shell, how: () -> Unit) {
        val wiped = shell.wiped
        how()
        assertInstanceOf(Shown.Home::class.java, shell.view)
        assertEquals(wiped + 1, shell.wiped)
    }

    private fun nextPerson(shell: Shell) {
        shell.onStage = {}
        shell.check()
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
        shell.act(Act.NextPerson)
    }

    @Test
    fun aCheckThatIsOnItsWayIsNotGivenUp() {
        val shell = shells.home()
        shell.perform = { call ->
            if (shell.view is Shown.Sending) {
                assertTrue(shell.actions.isEmpty())
                for (act in listOf(Act.Cancel, Act.Lock, Act.NextPerson)) shell.act(act)
                assertInstanceOf(Shown.Sending::class.java, shell.view)
            }
            shell.reallyPerform(call)
        }
        shell.check()
        assertEquals("qualification-valid", shell.code)
    }
}
