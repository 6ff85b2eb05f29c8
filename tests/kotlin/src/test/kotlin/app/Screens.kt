package shikaku.app.presenter

import shikaku.core.Act
import shikaku.core.Action
import shikaku.core.Mode
import shikaku.core.Screen
import shikaku.core.Sheet
import shikaku.core.SheetRow
import shikaku.core.SheetSection
import shikaku.core.Shown
import shikaku.core.Stage
import shikaku.core.Told
import shikaku.core.Tone
import shikaku.core.guide

/** Screens as the core makes them, one for each kind and for what changes its look. */
object Screens {
    val GUIDE: List<Told> = guide()

    fun told(code: String): Told = GUIDE.single { it.code == code }

    private fun screen(view: Shown, vararg actions: Action) = Screen(null, view, actions.toList())

    val TERMS = screen(Shown.Terms(1u, "第1条（目的）\nこの規約は…"), Action.AGREE_TERMS)
    val SETTINGS = screen(Shown.Settings(null), Action.ENTER_SETTINGS)
    val HOME = screen(
        Shown.Home("健診クリニック青葉", listOf("受付 佐藤", "受付 田中"), listOf("10月1日に保守があります。"), true, null),
        Action.START_CHECK, Action.START_VISUAL, Action.ASK_AGAIN, Action.LOCK,
    )
    val DOWN = screen(
        Shown.Home("健診クリニック青葉", emptyList(), emptyList(), false, told("network-unreachable")),
        Action.START_CHECK, Action.ASK_AGAIN, Action.LOCK,
    )
    val PIN = screen(Shown.Pin(null, null), Action.TYPE_PIN, Action.CANCEL, Action.LOCK)
    val PIN_WAITING = screen(Shown.Pin(2u, told("pin-form")), Action.CANCEL, Action.LOCK)
    val WARN = screen(Shown.Warn(2u, told("pin-warn-needed")), Action.UNDERSTAND, Action.CANCEL, Action.LOCK)
    val CONSENT = screen(Shown.Consent(Mode.PIN, told("pin-consent-needed")), Action.AGREE, Action.CANCEL, Action.LOCK)
    val HOLD = screen(Shown.Hold(null, null), Action.CANCEL)
    val KEPT = screen(
        Shown.Kept(1_764_000_000u, told("network-unreachable"), 0u), Action.SEND_AGAIN, Action.CANCEL,
    )
    val PROBLEM = screen(
        Shown.Problem(told("pin-wrong"), 1u), Action.TAP_AGAIN, Action.NEXT_PERSON, Action.LOCK,
    )
    val BLOCKED = screen(Shown.Problem(told("pin-blocked"), null), Action.USE_VISUAL, Action.NEXT_PERSON, Action.LOCK)
    val STOPPED = screen(Shown.Stopped(told("device-suspended")), Action.ASK_AGAIN, Action.LOCK)
    val REVOKED = screen(Shown.Stopped(told("device-revoked")), Action.REGISTER_AGAIN)
    val STAFF = screen(Shown.Staff(listOf("受付 佐藤", "受付 田中")), Action.NAME_STAFF, Action.USE_PIN, Action.CANCEL, Action.LOCK)
    val NUMBER = screen(Shown.Number(2u, told("printed-form")), Action.TYPE_NUMBER, Action.CANCEL, Action.LOCK)
    val LOOK = screen(Shown.Look(false, null), Action.ATTEST, Action.CANCEL, Action.LOCK)
    val LOOK_CHIP = screen(Shown.Look(true, null), Action.ATTEST, Action.CANCEL, Action.LOCK)
    val NAME = screen(
        Shown.Name("資格 花子", told("surface-name"), 1_764_000_000u), Action.CONFIRM_NAME, Action.DENY_NAME, Action.LOCK,
    )
    val LOCKED = screen(Shown.Locked, Action.UNLOCK)
    val GOOD = answer(Tone.GOOD, "○", "有効", "qualification-valid")
    val BAD = answer(Tone.BAD, "×", "無効", "qualification-invalid")
    val MULTIPLE = answer(Tone.ATTENTION, "？", "複数該当", "qualification-multiple", isChoice = true)
    val TESTED = answer(Tone.REFERENCE, "○", "有効", "qualification-valid").copy(marking = "運用テスト（参考情報）")

    fun holding(stage: Stage) = screen(Shown.Hold(stage, 3u), Action.CANCEL)

    val ALL: List<Screen> = listOf(
        TERMS, SETTINGS, screen(Shown.Settings(told("settings-expired")), Action.ENTER_SETTINGS),
        screen(Shown.Registering), HOME, DOWN, PIN, PIN_WAITING, WARN, CONSENT, HOLD, screen(Shown.Sending), KEPT, PROBLEM,
        BLOCKED, STAFF, NUMBER, LOOK, LOOK_CHIP, NAME, screen(Shown.Consent(Mode.VISUAL, told("printed-consent-needed")), Action.AGREE, Action.CANCEL), STOPPED, REVOKED, LOCKED, GOOD, BAD, MULTIPLE, TESTED,
    ) + Stage.entries.map(::holding)

    private fun answer(tone: Tone, symbol: String, word: String, code: String, isChoice: Boolean = false): Screen {
        val first = listOf(
            SheetRow("保険者番号", "06139992"), SheetRow("記号", "千代田"), SheetRow("番号", "1234567"),
            SheetRow("枝番", "01"), SheetRow("氏名", "資格 花子"), SheetRow("フリガナ", "シカク ハナコ"),
            SheetRow("生年月日", "昭和55年4月1日（1980-04-01） 46歳"), SheetRow("負担割合", "3割"),
        )
        val rest = listOf(SheetRow("保険者名", "見本健康保険組合"), SheetRow("資格取得年月日", "令和5年4月1日（2023-04-01）"))
        val section = SheetSection("確認日において有効", first, rest)
        val sheet = Sheet(
            tone, symbol, word, told(code), listOf("電子証明書の有効期限は令和9年1月5日です。"),
            listOf(SheetRow("確認日", "令和8年11月23日（2026-11-23）"), SheetRow("確認方法", "暗証番号")),
            List(if (isChoice) 2 else 1) { section }, isChoice,
        )
        val choose = listOf(Action.CHOOSE).filter { isChoice }
        return Screen(null, Shown.Answer(sheet, null), choose + listOf(Action.NEXT_PERSON, Action.EXPORT, Action.LOCK))
    }

    /** A desk with a telephone that reads cards. */
    val DESK = Desk(
        equipment = Equipment(Equipment.Nfc.READY, canHaveReader = true, hasReader = false),
        guide = GUIDE,
        pad = Pad.PLAIN,
    )

    /** What has to be pressed to do [action]. */
    fun press(action: Action): Press = when (action) {
        Action.AGREE_TERMS -> Press.Do(Act.AgreeTerms)
        Action.ENTER_SETTINGS -> Press.Open(Place.Scan)
        Action.START_CHECK -> Press.Start
        Action.TYPE_PIN, Action.TYPE_NUMBER -> Press.PadDone
        Action.START_VISUAL -> Press.StartVisual
        Action.USE_VISUAL -> Press.Do(Act.UseVisual)
        Action.USE_PIN -> Press.Do(Act.UsePin)
        Action.NAME_STAFF -> Press.Do(Act.NameStaff("受付 佐藤"))
        Action.ATTEST -> Press.Do(Act.Attest)
        Action.CONFIRM_NAME -> Press.Do(Act.ConfirmName)
        Action.DENY_NAME -> Press.Do(Act.DenyName)
        Action.UNDERSTAND -> Press.Do(Act.Understand)
        Action.AGREE -> Press.Do(Act.Agree)
        Action.TAP_AGAIN -> Press.Do(Act.TapAgain)
        Action.SEND_AGAIN -> Press.Do(Act.SendAgain)
        Action.CHOOSE -> Press.Do(Act.Choose(1u))
        Action.EXPORT -> Press.Copy
        Action.CANCEL -> Press.Do(Act.Cancel)
        Action.NEXT_PERSON -> Press.Do(Act.NextPerson)
        Action.LOCK -> Press.Do(Act.Lock)
        Action.UNLOCK -> Press.Unlock
        Action.ASK_AGAIN -> Press.Do(Act.AskAgain)
        Action.REGISTER_AGAIN -> Press.Do(Act.RegisterAgain)
    }
}
