package shikaku.card

import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.ExportForm
import shikaku.core.Mode
import shikaku.core.Shown
import shikaku.core.Stage

/** 目視確認 at a device, told against the running service. */
class VisualTest {
    @AutoClose
    private val shells = Shells()

    @AfterEach
    fun mend() {
        Clinic.network.up()
    }

    @Test
    fun aBirthDateLeadsOverThePrintedPhotoAndTheNameToTheAnswer() {
        val shell = shells.home()
        assertTrue(assertInstanceOf(Shown.Home::class.java, shell.view).visual)
        shell.look(BIRTH_DATE)
        shell.looking(hasPhoto = false)
        shell.act(Act.Attest)
        assertEquals(null, shell.named(), "by the birth date alone the chip says no name")
        shell.act(Act.ConfirmName)
        shell.answered()
        assertEquals("運用テスト（参考情報）", shell.terminal.screen().marking)
        shell.act(Act.Export(ExportForm.TEXT))
        assertTrue(listOf("資格 太郎", "目視").all { it in shell.exports.single() }, shell.exports.single())
        val wiped = shell.wiped
        shell.act(Act.NextPerson)
        assertEquals(wiped + 1, shell.wiped)
        assertInstanceOf(Shown.Home::class.java, shell.view)
        assertEquals(1 to "3", shell.card?.journal()?.run { second to third }, "the PIN was not asked for")
        assertEquals("10" to "10", shell.card?.printedTries())
    }

    @Test
    fun codeBHandsOverThePhotoUntilStaffHaveCompared() {
        val shell = shells.home()
        shell.look(CODE_B)
        shell.looking(hasPhoto = true)
        val wiped = shell.seenWiped
        shell.act(Act.Attest)
        assertEquals(wiped + 1, shell.seenWiped)
        assertNull(shell.terminal.photo())
        assertEquals(null, shell.named(), "the chip's name is the registry's")
        shell.act(Act.ConfirmName)
        shell.answered()
        val kept = String(shell.storage.octets, Charsets.ISO_8859_1)
        assertFalse("PNG" in kept)
    }

    @Test
    fun aPersonWhomThePhotoDoesNotShowIsSentAwayWithoutATrace() {
        val shell = shells.home()
        shell.look(CODE_B)
        shell.looking(hasPhoto = true)
        val wiped = shell.wiped
        shell.act(Act.Cancel)
        assertEquals(wiped + 1, shell.wiped)
        for (late in listOf(Act.Attest, Act.ConfirmName)) {
            shell.act(late)
            assertInstanceOf(Shown.Home::class.java, shell.view)
        }
        assertNull(shell.terminal.photo())
        assertEquals(0u, shell.terminal.facts()?.unsentChecks)
    }

    @Test
    fun aNameThatIsDeniedEndsTheCheck() {
        val shell = shells.home()
        shell.look(BIRTH_DATE)
        shell.act(Act.Attest)
        shell.named()
        shell.act(Act.DenyName)
        assertEquals("name-denied", shell.code, shell.terminal.detail())
        assertFalse(Action.TAP_AGAIN in shell.actions)
        shell.act(Act.ConfirmName)
        assertEquals("name-denied", shell.code, "too late")
        assertEquals(0u, shell.terminal.facts()?.unsentChecks)
    }

    @Test
    fun anotherNameInTheChipIsSaidAndTheExpectedThingIsToDeny() {
        val shell = shells.home("visual-other-name")
        shell.look(CODE_B)
        shell.act(Act.Attest)
        assertEquals("surface-name", shell.named())
        assertEquals(Action.DENY_NAME, shell.actions.first())
        shell.act(Act.DenyName)
        assertEquals("name-denied", shell.code)
    }

    @Test
    fun nobodyLooksWithoutAName() {
        val shell = shells.home()
        shell.act(Act.StartVisual(null))
        assertInstanceOf(Shown.Staff::class.java, shell.view)
        shell.act(Act.NameStaff(" "))
        assertInstanceOf(Shown.Staff::class.java, shell.view)
        shell.act(Act.NameStaff("窓口"))
        shell.typeNumber(BIRTH_DATE)
        shell.looking(hasPhoto = false)
    }

    @Test
    fun aWrongNumberIsToldWithItsTriesAndTheRightOneFollows() {
        val shell = shells.home()
        for (number in listOf("", "5501", "55010a", "550199", "5501022036123")) {
            shell.look(number)
            assertEquals("printed-form", shell.code, number)
            shell.act(Act.Cancel)
        }
        assertEquals(0, shell.card?.journal()?.second, "none of these reaches the card")
        shell.look("550103")
        assertEquals("printed-wrong" to 9.toUByte(), (shell.view as Shown.Problem).run { told.code to tries })
        assertEquals("9" to "10", shell.card?.printedTries())
        shell.act(Act.TapAgain)
        shell.typeNumber("55010320361234")
        assertEquals("printed-wrong", shell.code)
        assertEquals("9" to "9", shell.card?.printedTries(), "each number has tries of its own")
        shell.act(Act.TapAgain)
        shell.typeNumber(BIRTH_DATE)
        shell.looking(hasPhoto = false)
        assertEquals("3", shell.card?.journal()?.third)
    }

    @Test
    fun theLastTriesOfANumberAreAskedForAndABlockedOneIsSaid() {
        val shell = shells.home("visual-two-tries")
        shell.look(BIRTH_DATE)
        assertEquals(2.toUByte(), assertInstanceOf(Shown.Warn::class.java, shell.view).tries)
        assertEquals("2", shell.card?.printedTries()?.first, "nothing was sent")
        shell.act(Act.Understand)
        shell.typeNumber("550103")
        shell.act(Act.TapAgain)
        shell.typeNumber(BIRTH_DATE)
        assertEquals(Mode.VISUAL, assertInstanceOf(Shown.Consent::class.java, shell.view).mode)
        assertEquals("1", shell.card?.printedTries()?.first, "nothing was sent without consent")
        shell.act(Act.Cancel)
        shell.card = Emulator.plug("visual-blocked")
        shell.look(CODE_B)
        assertEquals("printed-blocked", shell.code)
    }

    @Test
    fun threeWrongPinsLockTheCardAndLeadToTheVisualCheck() {
        val shell = shells.home()
        shell.check("9999")
        shell.act(Act.Understand)
        shell.type("9998")
        shell.act(Act.TapAgain)
        shell.type("9997")
        shell.act(Act.Agree)
        shell.type("9997")
        assertEquals("pin-blocked-now", shell.code)
        assertEquals(Action.USE_VISUAL, shell.actions.first())
        shell.act(Act.UseVisual)
        shell.typeNumber(BIRTH_DATE)
        shell.looking(hasPhoto = false)
        shell.act(Act.Attest)
        shell.named()
        shell.act(Act.ConfirmName)
        shell.answered()
        assertEquals("0", shell.card?.journal()?.third)
    }

    @Test
    fun cardsWhoseFaceIsNotTheirOwnSendNothing() {
        val shell = shells.home()
        val codes = listOf(
            Triple("visual-forged", BIRTH_DATE, "surface-forged"),
            Triple("visual-copied", BIRTH_DATE, "surface-copied"),
            Triple("visual-other-photo", CODE_B, "surface-forged"),
        )
        for ((card, number, code) in codes) {
            shell.card = Emulator.plug(card)
            shell.look(number)
            assertEquals(code, shell.code, card)
            assertNull(shell.terminal.photo(), card)
            shell.act(Act.NextPerson)
        }
        assertEquals(0u, shell.terminal.facts()?.unsentChecks)
    }

    @Test
    fun whatTheInstitutionSwitchedOffIsRefusedAndThenNotOffered() {
        val shell = shells.home()
        try {
            switch("off")
            shell.look(BIRTH_DATE)
            shell.looking(hasPhoto = false)
            shell.act(Act.Attest)
            assertEquals("mode-refused", shell.code, shell.terminal.detail())
            assertEquals(0u, shell.terminal.facts()?.unsentChecks)
            shell.act(Act.NextPerson)
            shell.carryOut(shell.terminal.testConnection())
            assertFalse(assertInstanceOf(Shown.Home::class.java, shell.view).visual)
            shell.act(Act.StartVisual("窓口"))
            assertInstanceOf(Shown.Home::class.java, shell.view, "it is not to be had")
            shell.check()
            assertEquals("qualification-valid", shell.code)
        } finally {
            switch("on")
        }
    }

    @Test
    fun bothStepsAreKeptWhenTheirAnswersAreCutOffAndAreDoneOnce() {
        val shell = shells.home()
        shell.look(CODE_B)
        for ((step, next) in listOf(Act.Attest to Shown.Name::class.java, Act.ConfirmName to Shown.Answer::class.java)) {
            val cut = Clinic.network.cut.get()
            Clinic.network.cutTheNextAnswer()
            shell.act(step)
            assertInstanceOf(Shown.Kept::class.java, shell.view, shell.terminal.detail())
            assertEquals(cut + 1, Clinic.network.cut.get(), "the service has answered")
            assertEquals(1u, shell.terminal.facts()?.unsentChecks)
            Clinic.network.up()
            shell.act(Act.SendAgain)
            assertInstanceOf(next, shell.view, shell.terminal.detail())
        }
        shell.answered()
        assertEquals(2, shell.card?.journal()?.second, "the card is not needed again: once for each application")
    }

    @TestFactory
    fun aCardThatSlipsAtAnyExchangeHarmsNoCounterAndIsLookedAtAgain(): List<DynamicTest> =
        listOf(BIRTH_DATE, CODE_B).flatMap { number ->
            val stages = mutableListOf<Stage>()
            shells.home().run {
                onStage = stages::add
                look(number)
                looking(hasPhoto = number == CODE_B)
            }
            assertEquals(number == CODE_B, Stage.NAME in stages)
            // A device may not ask for more challenges at once.
            listOf("pulled", "pulled-after").flatMap { kind -> stages.indices.map { kind to it } }.chunked(8)
                .flatMap { some ->
                    val shell by lazy { shells.home(null) }
                    some.map { (kind, at) ->
                        dynamicTest("${number.length} digits, $kind:${at + 1}") { slip(shell, number, kind, stages[at], at) }
                    }
                }
        }

    private fun slip(shell: Shell, number: String, kind: String, stage: Stage, at: Int) {
        val card = Emulator.plug(trouble = "$kind:${at + 1}")
        shell.card = card
        // A kind of card that nothing is known of yet.
        shell.family = "$number:$kind:$at"
        shell.look(number)
        if (stage != Stage.CLOSING) {
            assertEquals(if (stage == Stage.PRINTED_NUMBER) "printed-unknown" else "card-removed", shell.code, "$stage")
            assertNull(shell.terminal.photo())
            card.putCard()
            shell.act(Act.TapAgain)
            shell.typeNumber(number)
        }
        shell.looking(hasPhoto = number == CODE_B)
        assertEquals("3" to ("10" to "10"), card.journal().third to card.printedTries())
        shell.act(Act.Cancel)
        assertNull(shell.terminal.photo())
        assertEquals(0u, shell.terminal.facts()?.unsentChecks)
    }

    /** The screen asks for the comparison, with the chip's photo or without it. */
    private fun Shell.looking(hasPhoto: Boolean) {
        val look = assertInstanceOf(Shown.Look::class.java, view, terminal.detail())
        assertEquals(hasPhoto to null, look.photo to look.problem)
        val png = terminal.photo()
        assertEquals(hasPhoto, png != null)
        png?.let { assertEquals("PNG", String(it, 1, 3, Charsets.US_ASCII)) }
        assertEquals(listOf(Action.ATTEST, Action.CANCEL, Action.LOCK), actions)
    }

    /** The screen asks for the name; the code of what is odd with it. */
    private fun Shell.named(): String? {
        assertEquals("資格 太郎", assertInstanceOf(Shown.Name::class.java, view, terminal.detail()).name)
        assertNull(terminal.photo())
        return code
    }

    private fun Shell.answered() {
        val sheet = assertInstanceOf(Shown.Answer::class.java, view, terminal.detail()).sheet
        assertEquals("qualification-valid", sheet.told.code)
        assertTrue(sheet.check.any { "目視" in it.value }, "${sheet.check}")
    }

    companion object {
        /** What is printed on the usual card: the birth date in Japanese years, and 照合番号B. */
        const val BIRTH_DATE = "550102"
        const val CODE_B = "55010220361234"

        @BeforeAll
        @JvmStatic
        fun switchOn() = switch("on")

        @AfterAll
        @JvmStatic
        fun switchOff() = switch("off")

        private fun switch(how: String) = Clinic.admin("institution visual 4810000001 $how")
    }
}
