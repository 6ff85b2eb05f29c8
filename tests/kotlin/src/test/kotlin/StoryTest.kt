package shikaku.card

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test
import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.ExportForm
import shikaku.core.Given
import shikaku.core.Shown
import shikaku.core.Tone

/** What staff and patients meet at a device, told against the running service. */
class StoryTest {
    @AutoClose
    private val shells = Shells()

    @Test
    fun aDeviceGoesFromItsFirstLaunchToAnAnswer() {
        val shell = shells.open()
        val account = Clinic.issue()
        assertInstanceOf(Shown.Terms::class.java, shell.view)
        assertEquals(listOf(Action.AGREE_TERMS), shell.actions)
        shell.act(Act.AgreeTerms)
        shell.act(Act.GiveSettings(Given.Read("nonsense", "受付1")))
        assertEquals("settings-signature", shell.code)
        shell.act(Act.GiveSettings(Given.Read(account.settings, "受付1")))
        assertEquals(1u, assertInstanceOf(Shown.Terms::class.java, shell.view).version, "the service's are newer")
        assertTrue(shell.terminal.hasSettings())
        shell.act(Act.AgreeTerms)
        assertInstanceOf(Shown.Home::class.java, shell.view, shell.terminal.detail())
        assertEquals(listOf("device-1"), shell.keys.names)
        assertEquals(listOf(32, 32), shell.keys.challenges.map(ByteArray::size), "a nonce for each attempt")
        val facts = checkNotNull(shell.terminal.facts())
        assertEquals("4810000001" to true, facts.institution to facts.test)

        val card = Emulator.plug()
        shell.card = card
        shell.check()
        val sheet = assertInstanceOf(Shown.Answer::class.java, shell.view, shell.terminal.detail()).sheet
        assertEquals("qualification-valid" to Tone.REFERENCE, sheet.told.code to sheet.tone)
        assertEquals("運用テスト（参考情報）", shell.terminal.screen().marking)
        shell.act(Act.Export(ExportForm.TEXT))
        assertTrue("資格 太郎" in shell.exports.single())
        val wiped = shell.wiped
        shell.act(Act.NextPerson)
        assertEquals(wiped + 1, shell.wiped)
        assertInstanceOf(Shown.Home::class.java, shell.view)
        assertEquals(1 to "3", card.journal().run { second to third })
        val kept = String(shell.storage.octets, Charsets.UTF_8)
        assertTrue("資格" !in kept && "4810000001" !in kept && "localhost" !in kept, "what is kept is sealed")
    }

    @Test
    fun aCheckIsMadeByTheLinesOfDocsIntegrateAlone() {
        val shell = shells.home()
        val opened = UsbReader.open(listOf(Emulator.plug()))
        assertInstanceOf(Opened.Ready::class.java, opened).reader.use { reader ->
            reader.powerOn()
            val terminal = shell.terminal
            for (act in listOf(Act.StartCheck(null), Act.TypePin("1234".toByteArray()))) {
                runBlocking { carryOut(terminal, terminal.handle(act), reader, reader.limits) }
            }
        }
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
    }

    @Test
    fun aWrongPinIsToldWithTheTriesAndTheRightOneFollows() {
        val shell = shells.home()
        shell.check("9999")
        val warned = assertInstanceOf(Shown.Warn::class.java, shell.view, shell.terminal.detail())
        assertEquals("pin-wrong" to 2.toUByte(), warned.told.code to warned.tries)
        shell.type("1234")
        assertInstanceOf(Shown.Warn::class.java, shell.view, "no PIN before the patient knows")
        shell.act(Act.Understand)
        shell.type("1234")
        assertEquals("qualification-valid", shell.code)
        assertEquals(2 to "3", shell.card?.journal()?.run { second to third })
        shell.act(Act.NextPerson)
        for (pin in listOf("", "123", "12345", "12a4", "１２３４")) {
            shell.check(pin)
            assertEquals("pin-form", shell.code)
            shell.act(Act.Cancel)
        }
        assertEquals(2, shell.card?.journal()?.second, "none of these reaches the card")
    }

    @Test
    fun twoWrongPinsLeaveTheLastTryToThePatientsConsentAndAThirdLocksIt() {
        val shell = shells.home()
        shell.check("9999")
        shell.act(Act.Understand)
        shell.type("9998")
        assertEquals("pin-wrong" to 1.toUByte(), (shell.view as Shown.Problem).run { told.code to tries })
        shell.act(Act.TapAgain)
        shell.type("9997")
        assertInstanceOf(Shown.Consent::class.java, shell.view)
        assertEquals(2 to "1", shell.card?.journal()?.run { second to third }, "nothing was sent")
        shell.act(Act.Agree)
        shell.type("9997")
        assertEquals("pin-blocked-now", shell.code)
        assertFalse(Action.TAP_AGAIN in shell.actions)
        assertEquals(3 to "0", shell.card?.journal()?.run { second to third })
        shell.act(Act.NextPerson)
        shell.check()
        assertEquals("pin-blocked", shell.code)
        assertEquals(3, shell.card?.journal()?.second)
    }

    @Test
    fun theLastTryIsUsedWithConsentForThisCardAndNotWithoutIt() {
        val shell = shells.home("one-try")
        shell.check()
        assertInstanceOf(Shown.Consent::class.java, shell.view)
        shell.act(Act.Cancel)
        assertInstanceOf(Shown.Home::class.java, shell.view)
        shell.check()
        assertInstanceOf(Shown.Consent::class.java, shell.view, "the next person has agreed to nothing")
        shell.act(Act.Agree)
        assertEquals(0, shell.card?.journal()?.second)
        shell.type("1234")
        assertEquals("qualification-valid", shell.code, shell.terminal.detail())
        assertEquals(1 to "3", shell.card?.journal()?.run { second to third })
    }

    @Test
    fun cardsThatCannotBeCheckedSaySoWithoutAnAnswer() {
        val shell = shells.home(null)
        val codes = mapOf(
            "blocked" to "pin-blocked",
            "no-certificate" to "certificate-absent",
            "expired" to "certificate-expired",
            "driving-licence" to "card-driving-licence",
        )
        for ((card, code) in codes) {
            shell.card = Emulator.plug(card)
            shell.check()
            assertEquals(code, shell.code, card)
            assertEquals(0, shell.card?.journal()?.second, card)
            shell.act(Act.NextPerson)
        }
    }

    @Test
    fun aSuspendedDeviceWorksAgainWhenTheServiceSaysSoAndARevokedOneRegistersAnew() {
        val account = Clinic.issue()
        val shell = shells.open().register(account)
        shell.card = Emulator.plug()
        Clinic.admin("account suspend ${account.id}")
        shell.check()
        assertEquals("device-suspended", shell.code)
        assertNull(shell.view as? Shown.Answer)
        shell.act(Act.AskAgain)
        assertEquals("device-suspended", shell.code)
        assertEquals(listOf("device-1"), shell.keys.names)
        Clinic.admin("account resume ${account.id}")
        shell.act(Act.AskAgain)
        assertInstanceOf(Shown.Home::class.java, shell.view)
        shell.check()
        assertEquals("qualification-valid", shell.code)
        shell.act(Act.NextPerson)

        Clinic.admin("account revoke ${account.id}")
        shell.check()
        assertEquals("device-revoked", shell.code)
        assertTrue(shell.keys.names.isEmpty() && shell.storage.names.isEmpty(), "everything is wiped")
        assertEquals(listOf(Action.REGISTER_AGAIN), shell.actions)
        shell.act(Act.RegisterAgain)
        shell.register(Clinic.issue())
        shell.check()
        assertEquals("qualification-valid", shell.code)
    }

    @Test
    fun aKeyIsChangedAndTheOldOneIsGone() {
        val shell = shells.home()
        val before = shell.terminal.facts()?.keyId
        shell.carryOut(shell.terminal.rotateKey())
        assertEquals(listOf("device-2"), shell.keys.names)
        assertTrue(before != shell.terminal.facts()?.keyId)
        shell.check()
        assertEquals("qualification-valid", shell.code)
        val again = shells.open(shell.keys, shell.storage).also { it.card = Emulator.plug() }
        again.check()
        assertEquals("qualification-valid", again.code)
    }

    @Test
    fun aDeviceWhoseKeyIsLostSaysSoAndBeginsAnew() {
        val shell = shells.home()
        shell.keys.lose()
        shell.check()
        assertEquals("state-key-lost", shell.code)
        val again = shells.open(shell.keys, shell.storage)
        assertEquals("state-key-lost", again.code)
        again.act(Act.RegisterAgain)
        assertTrue(again.storage.names.isEmpty())
        again.register(Clinic.issue())
    }

    @Test
    fun noTapBeginsWhereItsChallengeCannotBeSavedAsTaken() {
        val shell = shells.home()
        shell.storage.isFull = true
        shell.check()
        assertEquals("state-unwritable", shell.code)
        assertEquals(0, shell.card?.journal()?.second)
    }

    @Test
    fun theWholeGuideIsThereInBothLanguages() {
        val guide = shikaku.core.guide()
        assertTrue(guide.size > 80)
        assertTrue(guide.all { told -> listOf(told.causeJa, told.remedyJa, told.causeEn, told.remedyEn).none(String::isBlank) })
    }
}
