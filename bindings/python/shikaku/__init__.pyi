"""Written by bindings/stubs from the generated module."""

import enum
import typing


class InternalError(Exception): ...

class Platform(enum.Enum):
    """What the app runs on."""
    ANDROID = 0
    IOS = 1
    WINDOWS = 2
    MACOS = 3
    LINUX = 4

class AppFacts:
    """What an app brings with it."""
    version: str
    platform: Platform
    trust: str
    test_services: bool
    terms_version: int
    terms: str
    def __init__(self, *, version: str, platform: Platform, trust: str, test_services: bool, terms_version: int, terms: str) -> None: ...

class Attestation:
    """What a key store says of the key it made."""
    format: str
    statement: typing.List[str]
    def __init__(self, *, format: str, statement: typing.List[str]) -> None: ...

class Told:
    """A code of the guide with what it means and what to do, ready for the screen."""
    code: str
    cause_ja: str
    remedy_ja: str
    cause_en: str
    remedy_en: str
    def __init__(self, *, code: str, cause_ja: str, remedy_ja: str, cause_en: str, remedy_en: str) -> None: ...

class ConnectionTest:
    """What came of a 接続テスト."""
    at: int
    clock_offset: int
    problem: typing.Optional[Told]
    detail: str
    def __init__(self, *, at: int, clock_offset: int, problem: typing.Optional[Told], detail: str) -> None: ...

class Endpoint:
    """One end of a pipe."""
    address: int
    packet: int
    def __init__(self, *, address: int, packet: int) -> None: ...

class Phase(enum.Enum):
    """運用テスト or 運用."""
    TEST = 0
    LIVE = 1

class Facts:
    """端末情報."""
    service: str
    origin: str
    institution: str
    institution_name: str
    device_id: str
    key_id: typing.Optional[str]
    phase: Phase
    test: bool
    settings_version: int
    visual: bool
    history: bool
    open_challenges: int
    unsent_checks: int
    clock_offset: int
    app_version: str
    def __init__(self, *, service: str, origin: str, institution: str, institution_name: str, device_id: str, key_id: typing.Optional[str], phase: Phase, test: bool, settings_version: int, visual: bool, history: bool, open_challenges: int, unsent_checks: int, clock_offset: int, app_version: str) -> None: ...

class Mode(enum.Enum):
    """How the holder's presence was shown."""
    PIN = 0
    VISUAL = 1

class HistoryEntry:
    """A check of today."""
    at: int
    told: Told
    mode: Mode
    name: str
    def __init__(self, *, at: int, told: Told, mode: Mode, name: str) -> None: ...

class ReaderLimits:
    """What the reader in use can carry."""
    extended_length: bool
    short_read: int
    def __init__(self, *, extended_length: bool, short_read: int) -> None: ...

class Stage(enum.Enum):
    """What the tap is doing; the shell's alert text follows it."""
    APPLICATION = 0
    CERTIFICATE = 1
    COUNTER = 2
    PIN = 3
    SIGNATURE = 4
    SURFACE = 5
    PRINTED_COUNTER = 6
    PRINTED_NUMBER = 7
    RECORD = 8
    PRESENCE = 9
    NAME = 10
    CLOSING = 11

class Tone(enum.Enum):
    """The colour of the one thing that counts; never the only sign of it."""
    GOOD = 0
    BAD = 1
    ATTENTION = 2
    REFERENCE = 3

class SheetRow:
    """A label and its value."""
    label: str
    value: str
    def __init__(self, *, label: str, value: str) -> None: ...

class SheetSection:
    """One qualification on the screen."""
    standing: str
    first: typing.List[SheetRow]
    rest: typing.List[SheetRow]
    def __init__(self, *, standing: str, first: typing.List[SheetRow], rest: typing.List[SheetRow]) -> None: ...

class Sheet:
    """An answer that the service has signed."""
    tone: Tone
    symbol: str
    word: str
    told: Told
    notices: typing.List[str]
    check: typing.List[SheetRow]
    sections: typing.List[SheetSection]
    choose: bool
    def __init__(self, *, tone: Tone, symbol: str, word: str, told: Told, notices: typing.List[str], check: typing.List[SheetRow], sections: typing.List[SheetSection], choose: bool) -> None: ...

class Shown:
    """What is shown."""
    def is_TERMS(self) -> bool: ...
    def is_terms(self) -> bool: ...
    def is_SETTINGS(self) -> bool: ...
    def is_settings(self) -> bool: ...
    def is_REGISTERING(self) -> bool: ...
    def is_registering(self) -> bool: ...
    def is_HOME(self) -> bool: ...
    def is_home(self) -> bool: ...
    def is_STAFF(self) -> bool: ...
    def is_staff(self) -> bool: ...
    def is_NUMBER(self) -> bool: ...
    def is_number(self) -> bool: ...
    def is_LOOK(self) -> bool: ...
    def is_look(self) -> bool: ...
    def is_NAME(self) -> bool: ...
    def is_name(self) -> bool: ...
    def is_PIN(self) -> bool: ...
    def is_pin(self) -> bool: ...
    def is_WARN(self) -> bool: ...
    def is_warn(self) -> bool: ...
    def is_CONSENT(self) -> bool: ...
    def is_consent(self) -> bool: ...
    def is_HOLD(self) -> bool: ...
    def is_hold(self) -> bool: ...
    def is_SENDING(self) -> bool: ...
    def is_sending(self) -> bool: ...
    def is_KEPT(self) -> bool: ...
    def is_kept(self) -> bool: ...
    def is_ANSWER(self) -> bool: ...
    def is_answer(self) -> bool: ...
    def is_PROBLEM(self) -> bool: ...
    def is_problem(self) -> bool: ...
    def is_STOPPED(self) -> bool: ...
    def is_stopped(self) -> bool: ...
    def is_LOCKED(self) -> bool: ...
    def is_locked(self) -> bool: ...
    class TERMS(Shown):
        version: int
        text: str
        def __init__(self, version: int, text: str) -> None: ...
    class SETTINGS(Shown):
        problem: typing.Optional[Told]
        def __init__(self, problem: typing.Optional[Told]) -> None: ...
    class REGISTERING(Shown):
        def __init__(self) -> None: ...
    class HOME(Shown):
        institution: str
        staff: typing.List[str]
        notices: typing.List[str]
        visual: bool
        trouble: typing.Optional[Told]
        def __init__(self, institution: str, staff: typing.List[str], notices: typing.List[str], visual: bool, trouble: typing.Optional[Told]) -> None: ...
    class STAFF(Shown):
        """Who does the 目視確認."""
        staff: typing.List[str]
        def __init__(self, staff: typing.List[str]) -> None: ...
    class NUMBER(Shown):
        """The printed birth date (six digits) or 照合番号B (fourteen)."""
        tries: typing.Optional[int]
        problem: typing.Optional[Told]
        def __init__(self, tries: typing.Optional[int], problem: typing.Optional[Told]) -> None: ...
    class LOOK(Shown):
        """Staff compare person and photo; `photo` has the chip's, if `photo` is true."""
        photo: bool
        problem: typing.Optional[Told]
        def __init__(self, photo: bool, problem: typing.Optional[Told]) -> None: ...
    class NAME(Shown):
        """券面の氏名と一致しますか."""
        name: str
        differs: typing.Optional[Told]
        until: int
        def __init__(self, name: str, differs: typing.Optional[Told], until: int) -> None: ...
    class PIN(Shown):
        tries: typing.Optional[int]
        problem: typing.Optional[Told]
        def __init__(self, tries: typing.Optional[int], problem: typing.Optional[Told]) -> None: ...
    class WARN(Shown):
        tries: int
        told: Told
        def __init__(self, tries: int, told: Told) -> None: ...
    class CONSENT(Shown):
        mode: Mode
        told: Told
        def __init__(self, mode: Mode, told: Told) -> None: ...
    class HOLD(Shown):
        stage: typing.Optional[Stage]
        tries: typing.Optional[int]
        def __init__(self, stage: typing.Optional[Stage], tries: typing.Optional[int]) -> None: ...
    class SENDING(Shown):
        def __init__(self) -> None: ...
    class KEPT(Shown):
        until: int
        told: Told
        wait: int
        def __init__(self, until: int, told: Told, wait: int) -> None: ...
    class ANSWER(Shown):
        sheet: Sheet
        chosen: typing.Optional[int]
        def __init__(self, sheet: Sheet, chosen: typing.Optional[int]) -> None: ...
    class PROBLEM(Shown):
        told: Told
        tries: typing.Optional[int]
        def __init__(self, told: Told, tries: typing.Optional[int]) -> None: ...
    class STOPPED(Shown):
        told: Told
        def __init__(self, told: Told) -> None: ...
    class LOCKED(Shown):
        def __init__(self) -> None: ...

class Action(enum.Enum):
    """What may be done next."""
    AGREE_TERMS = 0
    ENTER_SETTINGS = 1
    START_CHECK = 2
    START_VISUAL = 3
    USE_VISUAL = 4
    USE_PIN = 5
    NAME_STAFF = 6
    TYPE_NUMBER = 7
    ATTEST = 8
    CONFIRM_NAME = 9
    DENY_NAME = 10
    TYPE_PIN = 11
    UNDERSTAND = 12
    AGREE = 13
    TAP_AGAIN = 14
    SEND_AGAIN = 15
    CHOOSE = 16
    EXPORT = 17
    CANCEL = 18
    NEXT_PERSON = 19
    LOCK = 20
    UNLOCK = 21
    ASK_AGAIN = 22
    REGISTER_AGAIN = 23

class Screen:
    """What a shell draws."""
    marking: typing.Optional[str]
    view: Shown
    actions: typing.List[Action]
    def __init__(self, *, marking: typing.Optional[str], view: Shown, actions: typing.List[Action]) -> None: ...

class Probe(enum.Enum):
    """What is known of a form that not every card understands."""
    OFF = 0
    UNTRIED = 1
    WORKS = 2
    REFUSED = 3

class Strategy:
    """Which forms to use; keep what a tap brings back for the next one of the same card family at the same reader, in
    memory only.
    """
    extended_read: Probe
    read_by_short_id: Probe
    counter_by_short_id: Probe
    verify_by_short_id: Probe
    key_by_short_id: Probe
    bare_hash: Probe
    longest_certificate: int
    def __init__(self, *, extended_read: Probe, read_by_short_id: Probe, counter_by_short_id: Probe, verify_by_short_id: Probe, key_by_short_id: Probe, bare_hash: Probe, longest_certificate: int) -> None: ...

class TapEnd:
    """A tap that ended without a signature."""
    code: str
    detail: str
    tries: typing.Optional[int]
    consent_for: typing.Optional[bytes]
    left_open: bool
    strategy: Strategy
    def __init__(self, *, code: str, detail: str, tries: typing.Optional[int], consent_for: typing.Optional[bytes], left_open: bool, strategy: Strategy) -> None: ...

class Given:
    """User settings, read or typed; they hold the registration code."""
    def is_READ(self) -> bool: ...
    def is_read(self) -> bool: ...
    def is_TYPED(self) -> bool: ...
    def is_typed(self) -> bool: ...
    def is_AGAIN(self) -> bool: ...
    def is_again(self) -> bool: ...
    class READ(Given):
        """The text of a QR or a file."""
        text: str
        device_name: str
        def __init__(self, text: str, device_name: str) -> None: ...
    class TYPED(Given):
        """Typed by hand; `service` (`https://…`) may be left out where the trust list has but one."""
        service: typing.Optional[str]
        institution: str
        account: str
        code: str
        device_name: str
        def __init__(self, service: typing.Optional[str], institution: str, account: str, code: str, device_name: str) -> None: ...
    class AGAIN(Given):
        """Those of the last attempt, if `has_settings` says so."""
        def __init__(self) -> None: ...

class ExportForm(enum.Enum):
    """The form of an export."""
    TEXT = 0
    JSON = 1
    EVIDENCE = 2

class Fault(enum.Enum):
    """Why no answer came, as the shell knows it."""
    TAG_LOST = 0
    TIMEOUT = 1
    CANCELLED = 2
    CARD_ABSENT = 3
    TWO_CARDS = 4
    OTHER_KIND = 5
    READER_ABSENT = 6
    READER_BUSY = 7
    READER_FAILED = 8

class Act:
    """What happened. What the screen does not offer has no effect."""
    def is_AGREE_TERMS(self) -> bool: ...
    def is_agree_terms(self) -> bool: ...
    def is_GIVE_SETTINGS(self) -> bool: ...
    def is_give_settings(self) -> bool: ...
    def is_ASK_AGAIN(self) -> bool: ...
    def is_ask_again(self) -> bool: ...
    def is_REGISTER_AGAIN(self) -> bool: ...
    def is_register_again(self) -> bool: ...
    def is_START_CHECK(self) -> bool: ...
    def is_start_check(self) -> bool: ...
    def is_START_VISUAL(self) -> bool: ...
    def is_start_visual(self) -> bool: ...
    def is_USE_VISUAL(self) -> bool: ...
    def is_use_visual(self) -> bool: ...
    def is_USE_PIN(self) -> bool: ...
    def is_use_pin(self) -> bool: ...
    def is_NAME_STAFF(self) -> bool: ...
    def is_name_staff(self) -> bool: ...
    def is_TYPE_NUMBER(self) -> bool: ...
    def is_type_number(self) -> bool: ...
    def is_ATTEST(self) -> bool: ...
    def is_attest(self) -> bool: ...
    def is_CONFIRM_NAME(self) -> bool: ...
    def is_confirm_name(self) -> bool: ...
    def is_DENY_NAME(self) -> bool: ...
    def is_deny_name(self) -> bool: ...
    def is_TYPE_PIN(self) -> bool: ...
    def is_type_pin(self) -> bool: ...
    def is_UNDERSTAND(self) -> bool: ...
    def is_understand(self) -> bool: ...
    def is_AGREE(self) -> bool: ...
    def is_agree(self) -> bool: ...
    def is_CANCEL(self) -> bool: ...
    def is_cancel(self) -> bool: ...
    def is_TAP_AGAIN(self) -> bool: ...
    def is_tap_again(self) -> bool: ...
    def is_SEND_AGAIN(self) -> bool: ...
    def is_send_again(self) -> bool: ...
    def is_CHOOSE(self) -> bool: ...
    def is_choose(self) -> bool: ...
    def is_EXPORT(self) -> bool: ...
    def is_export(self) -> bool: ...
    def is_NEXT_PERSON(self) -> bool: ...
    def is_next_person(self) -> bool: ...
    def is_TAP_STAGE(self) -> bool: ...
    def is_tap_stage(self) -> bool: ...
    def is_NO_TAP(self) -> bool: ...
    def is_no_tap(self) -> bool: ...
    def is_TOUCH(self) -> bool: ...
    def is_touch(self) -> bool: ...
    def is_TICK(self) -> bool: ...
    def is_tick(self) -> bool: ...
    def is_LOCK(self) -> bool: ...
    def is_lock(self) -> bool: ...
    def is_UNLOCK(self) -> bool: ...
    def is_unlock(self) -> bool: ...
    class AGREE_TERMS(Act):
        def __init__(self) -> None: ...
    class GIVE_SETTINGS(Act):
        settings: Given
        def __init__(self, settings: Given) -> None: ...
    class ASK_AGAIN(Act):
        def __init__(self) -> None: ...
    class REGISTER_AGAIN(Act):
        def __init__(self) -> None: ...
    class START_CHECK(Act):
        staff: typing.Optional[str]
        def __init__(self, staff: typing.Optional[str]) -> None: ...
    class START_VISUAL(Act):
        """目視確認."""
        staff: typing.Optional[str]
        def __init__(self, staff: typing.Optional[str]) -> None: ...
    class USE_VISUAL(Act):
        def __init__(self) -> None: ...
    class USE_PIN(Act):
        def __init__(self) -> None: ...
    class NAME_STAFF(Act):
        name: str
        def __init__(self, name: str) -> None: ...
    class TYPE_NUMBER(Act):
        """The printed number as ASCII digits: birth date (six) or 照合番号B (fourteen). Wipe your own copy."""
        digits: bytes
        def __init__(self, digits: bytes) -> None: ...
    class ATTEST(Act):
        """Photo and person agree; if not, `Cancel`."""
        def __init__(self) -> None: ...
    class CONFIRM_NAME(Act):
        def __init__(self) -> None: ...
    class DENY_NAME(Act):
        def __init__(self) -> None: ...
    class TYPE_PIN(Act):
        """The PIN as ASCII digits, for one tap. Wipe your own copy."""
        digits: bytes
        def __init__(self, digits: bytes) -> None: ...
    class UNDERSTAND(Act):
        def __init__(self) -> None: ...
    class AGREE(Act):
        def __init__(self) -> None: ...
    class CANCEL(Act):
        def __init__(self) -> None: ...
    class TAP_AGAIN(Act):
        def __init__(self) -> None: ...
    class SEND_AGAIN(Act):
        def __init__(self) -> None: ...
    class CHOOSE(Act):
        index: int
        def __init__(self, index: int) -> None: ...
    class EXPORT(Act):
        form: ExportForm
        def __init__(self, form: ExportForm) -> None: ...
    class NEXT_PERSON(Act):
        def __init__(self) -> None: ...
    class TAP_STAGE(Act):
        ticket: int
        stage: Stage
        tries: typing.Optional[int]
        def __init__(self, ticket: int, stage: Stage, tries: typing.Optional[int]) -> None: ...
    class NO_TAP(Act):
        ticket: int
        fault: Fault
        def __init__(self, ticket: int, fault: Fault) -> None: ...
    class TOUCH(Act):
        def __init__(self) -> None: ...
    class TICK(Act):
        """About once a second."""
        def __init__(self) -> None: ...
    class LOCK(Act):
        def __init__(self) -> None: ...
    class UNLOCK(Act):
        def __init__(self) -> None: ...

class SignedTapProtocol(typing.Protocol):
    """A tap that brought a signature. Opaque: it is handed on to the check as it is."""
    def strategy(self) -> Strategy:
        """What was learned of card and reader."""
    def tries(self) -> int:
        """Tries that the counter showed before the PIN was sent."""

class SignedTap(SignedTapProtocol):
    """A tap that brought a signature. Opaque: it is handed on to the check as it is."""
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...
    def strategy(self) -> Strategy:
        """What was learned of card and reader."""
    def tries(self) -> int:
        """Tries that the counter showed before the PIN was sent."""

class Step:
    """What the shell does next."""
    def is_TRANSMIT(self) -> bool: ...
    def is_transmit(self) -> bool: ...
    def is_SIGNED(self) -> bool: ...
    def is_signed(self) -> bool: ...
    def is_PROVEN(self) -> bool: ...
    def is_proven(self) -> bool: ...
    def is_ENDED(self) -> bool: ...
    def is_ended(self) -> bool: ...
    class TRANSMIT(Step):
        """Send these octets, once, and come back with the answer or the reason why there is none."""
        command: bytes
        stage: Stage
        tries: typing.Optional[int]
        def __init__(self, command: bytes, stage: Stage, tries: typing.Optional[int]) -> None: ...
    class SIGNED(Step):
        """The card signed. Let it go."""
        tap: SignedTap
        def __init__(self, tap: SignedTap) -> None: ...
    class PROVEN(Step):
        """The card proved its face. Let it go."""
        tries: typing.Optional[int]
        def __init__(self, tries: typing.Optional[int]) -> None: ...
    class ENDED(Step):
        """The tap is over without a signature. Let the card go."""
        end: TapEnd
        def __init__(self, end: TapEnd) -> None: ...

class TapProtocol(typing.Protocol):
    """One tap of one card. Call `start` once, then `advance` or `fail` for every `Transmit`."""
    def advance(self, response: bytes) -> Step:
        """Goes on with the card's answer, data and status word."""
    def fail(self, fault: Fault) -> Step:
        """Goes on without an answer."""
    def start(self) -> Step:
        """Begins."""

class Tap(TapProtocol):
    """One tap of one card. Call `start` once, then `advance` or `fail` for every `Transmit`."""
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...
    def advance(self, response: bytes) -> Step:
        """Goes on with the card's answer, data and status word."""
    def fail(self, fault: Fault) -> Step:
        """Goes on without an answer."""
    def start(self) -> Step:
        """Begins."""

class CallProtocol(typing.Protocol):
    """A piece of work for the network. One that is never performed counts as unanswered."""

class Call(CallProtocol):
    """A piece of work for the network. One that is never performed counts as unanswered."""
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...

class Effect:
    """What the shell does, in this order."""
    def is_PERFORM(self) -> bool: ...
    def is_perform(self) -> bool: ...
    def is_AWAIT_CARD(self) -> bool: ...
    def is_await_card(self) -> bool: ...
    def is_CANCEL_TAP(self) -> bool: ...
    def is_cancel_tap(self) -> bool: ...
    def is_EXPORT(self) -> bool: ...
    def is_export(self) -> bool: ...
    def is_NOT_EXPORTED(self) -> bool: ...
    def is_not_exported(self) -> bool: ...
    def is_WIPE_SEEN(self) -> bool: ...
    def is_wipe_seen(self) -> bool: ...
    def is_WIPE_PERSON(self) -> bool: ...
    def is_wipe_person(self) -> bool: ...
    class PERFORM(Effect):
        """Hand it to `perform`, in the background; do what comes back."""
        call: Call
        def __init__(self, call: Call) -> None: ...
    class AWAIT_CARD(Effect):
        """Wait for a card, then `tap`; without one, `Act::NoTap`."""
        ticket: int
        def __init__(self, ticket: int) -> None: ...
    class CANCEL_TAP(Effect):
        """Wait no longer; end the tap, power the card off."""
        ticket: int
        def __init__(self, ticket: int) -> None: ...
    class EXPORT(Effect):
        """Hand this to staff."""
        form: ExportForm
        text: str
        def __init__(self, form: ExportForm, text: str) -> None: ...
    class NOT_EXPORTED(Effect):
        """There is nothing to export, and why."""
        told: Told
        def __init__(self, told: Told) -> None: ...
    class WIPE_SEEN(Effect):
        """Delete the chip's photo wherever it is drawn."""
        def __init__(self) -> None: ...
    class WIPE_PERSON(Effect):
        """Delete every trace of the person: fields, clipboard, temporary files."""
        def __init__(self) -> None: ...

class Begun:
    """Whether a tap began."""
    def is_STARTED(self) -> bool: ...
    def is_started(self) -> bool: ...
    def is_NOT(self) -> bool: ...
    def is_not(self) -> bool: ...
    class STARTED(Begun):
        """Pump it, then hand it to `tapped`."""
        tap: Tap
        def __init__(self, tap: Tap) -> None: ...
    class NOT(Begun):
        """The screen says why; do these."""
        effects: typing.List[Effect]
        def __init__(self, effects: typing.List[Effect]) -> None: ...

class CardState(enum.Enum):
    """Whether a card lies there."""
    ACTIVE = 0
    INACTIVE = 1
    ABSENT = 2

class Notification(enum.Enum):
    """What the interrupt pipe tells."""
    PRESENT = 0
    ABSENT = 1
    HARDWARE_ERROR = 2
    OTHER = 3

class OpenError(Exception):
    """Why there is no terminal. Whatever is wrong with a device's state is said by its screen instead."""
    class TrustList(OpenError):
        """The trust list is refused."""
        code: str
        detail: str
        def __init__(self, code: str, detail: str) -> None: ...

class PlatformError(Exception):
    """Why the platform did not do it. What the shell throws besides counts as `Unavailable`."""
    class KeyLost(PlatformError):
        """The key is gone for good: the device has to be registered anew."""
        def __init__(self) -> None: ...
    class Unavailable(PlatformError):
        """It did not work this time."""
        def __init__(self) -> None: ...

class Unsupported:
    """Why no interface of a device can be used."""
    def is_NOT_A_READER(self) -> bool: ...
    def is_not_a_reader(self) -> bool: ...
    def is_INCOMPLETE(self) -> bool: ...
    def is_incomplete(self) -> bool: ...
    def is_TPDU_LEVEL(self) -> bool: ...
    def is_tpdu_level(self) -> bool: ...
    def is_SHORT_MESSAGES(self) -> bool: ...
    def is_short_messages(self) -> bool: ...
    class NOT_A_READER(Unsupported):
        """It is no card reader."""
        def __init__(self) -> None: ...
    class INCOMPLETE(Unsupported):
        """It lacks its class descriptor or a bulk endpoint."""
        def __init__(self) -> None: ...
    class TPDU_LEVEL(Unsupported):
        """The host would have to speak the card's transmission protocol itself."""
        def __init__(self) -> None: ...
    class SHORT_MESSAGES(Unsupported):
        """No signature fits into one of its messages."""
        octets: int
        def __init__(self, octets: int) -> None: ...

class Unusable:
    """Why a reader cannot be used at all."""
    def is_ABSENT(self) -> bool: ...
    def is_absent(self) -> bool: ...
    def is_PERMISSION_REFUSED(self) -> bool: ...
    def is_permission_refused(self) -> bool: ...
    def is_BUSY(self) -> bool: ...
    def is_busy(self) -> bool: ...
    def is_UNSUPPORTED(self) -> bool: ...
    def is_unsupported(self) -> bool: ...
    class ABSENT(Unusable):
        """There is none."""
        def __init__(self) -> None: ...
    class PERMISSION_REFUSED(Unusable):
        """The person at the device refused this app the reader."""
        def __init__(self) -> None: ...
    class BUSY(Unusable):
        """It cannot be opened or claimed: another program holds it."""
        def __init__(self) -> None: ...
    class UNSUPPORTED(Unusable):
        """It is of a kind that is not served."""
        def __init__(self, *values: typing.Any) -> None: ...

class UsbError(Exception):
    """A device that is no usable card reader."""
    class Refused(UsbError):
        """None of its interfaces can be used."""
        reason: str
        detail: str
        def __init__(self, reason: str, detail: str) -> None: ...

class UsbStep:
    """What the shell does next at a USB reader."""
    def is_WRITE(self) -> bool: ...
    def is_write(self) -> bool: ...
    def is_READ(self) -> bool: ...
    def is_read(self) -> bool: ...
    def is_POWERED(self) -> bool: ...
    def is_powered(self) -> bool: ...
    def is_CARD(self) -> bool: ...
    def is_card(self) -> bool: ...
    def is_RESPONSE(self) -> bool: ...
    def is_response(self) -> bool: ...
    def is_FAILED(self) -> bool: ...
    def is_failed(self) -> bool: ...
    class WRITE(UsbStep):
        """Send these octets on the bulk-out endpoint, once, then call `written` or `fail`."""
        message: bytes
        def __init__(self, message: bytes) -> None: ...
    class READ(UsbStep):
        """Make one transfer on the bulk-in endpoint, then call `received` or `fail`."""
        most: int
        within_ms: int
        def __init__(self, most: int, within_ms: int) -> None: ...
    class POWERED(UsbStep):
        """The card is powered."""
        atr: bytes
        def __init__(self, atr: bytes) -> None: ...
    class CARD(UsbStep):
        """What lies there now."""
        state: CardState
        def __init__(self, state: CardState) -> None: ...
    class RESPONSE(UsbStep):
        """The card's answer to a command."""
        response: bytes
        def __init__(self, response: bytes) -> None: ...
    class FAILED(UsbStep):
        """Nothing came of the request."""
        fault: Fault
        code: str
        detail: str
        def __init__(self, fault: Fault, code: str, detail: str) -> None: ...

class DeviceKey:
    """The platform's key store: P-256 keys by name, whose private halves never leave it. It may take its time, and asks the
    `Terminal` for nothing meanwhile.
    """
    def create(self, name: str, challenge: typing.Optional[bytes]) -> typing.Optional[Attestation]:
        """Makes the key `name` in place of one that bears the name; attests it over `challenge` (32 octets) if it can."""
    def public_key(self, name: str) -> typing.Optional[bytes]:
        """The public half, SPKI in DER, 91 octets; nothing if there is no such key."""
    def sign(self, name: str, message: bytes) -> bytes:
        """Signs SHA-256 of `message` with ECDSA; raw, r then s, 64 octets."""
    def erase(self, name: str) -> None:
        """Removes the key, if it is there."""

class DeviceKeyImpl(DeviceKey):
    """The platform's key store: P-256 keys by name, whose private halves never leave it. It may take its time, and asks the
    `Terminal` for nothing meanwhile.
    """
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...
    def create(self, name: str, challenge: typing.Optional[bytes]) -> typing.Optional[Attestation]:
        """Makes the key `name` in place of one that bears the name; attests it over `challenge` (32 octets) if it can."""
    def public_key(self, name: str) -> typing.Optional[bytes]:
        """The public half, SPKI in DER, 91 octets; nothing if there is no such key."""
    def sign(self, name: str, message: bytes) -> bytes:
        """Signs SHA-256 of `message` with ECDSA; raw, r then s, 64 octets."""
    def erase(self, name: str) -> None:
        """Removes the key, if it is there."""

class SealedStorage:
    """The platform's storage, private to the app and in no backup. It may take its time, and asks the `Terminal` for nothing
    meanwhile.
    """
    def read(self, name: str) -> typing.Optional[bytes]:
        """Reads a record whole; nothing if there is none."""
    def write(self, name: str, octets: bytes) -> None:
        """Writes a record, whole or not at all, and lastingly when it returns."""
    def erase(self, name: str) -> None:
        """Removes a record, if it is there."""
    def wrap(self, secret: bytes) -> bytes:
        """Encrypts the data key, 48 octets, under a key of the platform's key store."""
    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypts what `wrap` made."""

class SealedStorageImpl(SealedStorage):
    """The platform's storage, private to the app and in no backup. It may take its time, and asks the `Terminal` for nothing
    meanwhile.
    """
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...
    def read(self, name: str) -> typing.Optional[bytes]:
        """Reads a record whole; nothing if there is none."""
    def write(self, name: str, octets: bytes) -> None:
        """Writes a record, whole or not at all, and lastingly when it returns."""
    def erase(self, name: str) -> None:
        """Removes a record, if it is there."""
    def wrap(self, secret: bytes) -> bytes:
        """Encrypts the data key, 48 octets, under a key of the platform's key store."""
    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypts what `wrap` made."""

class TerminalProtocol(typing.Protocol):
    """A device, registered or not yet.
    
    It does one thing at a time: while it writes its state or uses a key, whoever asks it for something waits. A
    `DeviceKey` or a `SealedStorage` that asks it from within waits for itself, for ever.
    """
    def begin(self) -> typing.List[Effect]:
        """What is to be done first, once."""
    def connection_test(self) -> typing.Optional[ConnectionTest]:
        """What came of the last 接続テスト."""
    def detail(self) -> str:
        """What exactly happened last, in English; may be logged."""
    def facts(self) -> typing.Optional[Facts]:
        """端末情報; nothing before a registration."""
    def handle(self, act: Act) -> typing.List[Effect]:
        """What happened, and what to do about it."""
    def has_settings(self) -> bool:
        """Whether the user settings of the last attempt serve once more."""
    def history(self) -> typing.List[HistoryEntry]:
        """履歴: today's checks, oldest first, if the institution wants them kept."""
    async def perform(self, call: Call) -> typing.List[Effect]:
        """Does a call, once. Given up in mid-way, it counts as unanswered."""
    def photo(self) -> typing.Optional[bytes]:
        """The chip's photo as PNG, while the screen is `Shown::Look`. Wipe it when `Effect::WipeSeen` comes."""
    def rotate_key(self) -> typing.List[Effect]:
        """Has the device change its key."""
    def screen(self) -> Screen:
        """What to draw."""
    def tap(self, ticket: int, limits: ReaderLimits, family: str) -> Begun:
        """Begins the tap that `AwaitCard` named. `family` is what the reader says of the kind of card (ATR or historical
        bytes in hexadecimal, never a UID), or empty.
        """
    def tapped(self, tap: Tap) -> typing.List[Effect]:
        """Takes the tap back, after its last step or in mid-way."""
    def test_connection(self) -> typing.List[Effect]:
        """Begins a 接続テスト."""
    def wipe(self) -> typing.List[Effect]:
        """Forgets keys and state, and begins anew."""

class Terminal(TerminalProtocol):
    """A device, registered or not yet.
    
    It does one thing at a time: while it writes its state or uses a key, whoever asks it for something waits. A
    `DeviceKey` or a `SealedStorage` that asks it from within waits for itself, for ever.
    """
    @classmethod
    def open(cls, app: AppFacts, keys: DeviceKey, storage: SealedStorage) -> Terminal:
        """Opens what the storage holds."""
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...
    def begin(self) -> typing.List[Effect]:
        """What is to be done first, once."""
    def connection_test(self) -> typing.Optional[ConnectionTest]:
        """What came of the last 接続テスト."""
    def detail(self) -> str:
        """What exactly happened last, in English; may be logged."""
    def facts(self) -> typing.Optional[Facts]:
        """端末情報; nothing before a registration."""
    def handle(self, act: Act) -> typing.List[Effect]:
        """What happened, and what to do about it."""
    def has_settings(self) -> bool:
        """Whether the user settings of the last attempt serve once more."""
    def history(self) -> typing.List[HistoryEntry]:
        """履歴: today's checks, oldest first, if the institution wants them kept."""
    async def perform(self, call: Call) -> typing.List[Effect]:
        """Does a call, once. Given up in mid-way, it counts as unanswered."""
    def photo(self) -> typing.Optional[bytes]:
        """The chip's photo as PNG, while the screen is `Shown::Look`. Wipe it when `Effect::WipeSeen` comes."""
    def rotate_key(self) -> typing.List[Effect]:
        """Has the device change its key."""
    def screen(self) -> Screen:
        """What to draw."""
    def tap(self, ticket: int, limits: ReaderLimits, family: str) -> Begun:
        """Begins the tap that `AwaitCard` named. `family` is what the reader says of the kind of card (ATR or historical
        bytes in hexadecimal, never a UID), or empty.
        """
    def tapped(self, tap: Tap) -> typing.List[Effect]:
        """Takes the tap back, after its last step or in mid-way."""
    def test_connection(self) -> typing.List[Effect]:
        """Begins a 接続テスト."""
    def wipe(self) -> typing.List[Effect]:
        """Forgets keys and state, and begins anew."""

class UsbCardReaderProtocol(typing.Protocol):
    """One slot of a USB card reader. Begin with `power_on`, `status`, `transmit` or `power_off`, then follow the steps."""
    def bulk_in(self) -> Endpoint:
        """From the reader."""
    def bulk_out(self) -> Endpoint:
        """Towards the reader."""
    def fail(self, fault: Fault) -> UsbStep:
        """Ends the request without an answer."""
    def interface_number(self) -> int:
        """Number of the interface to be claimed."""
    def interrupt(self) -> typing.Optional[Endpoint]:
        """Tells that a card came or went; not every reader has it."""
    def limits(self) -> ReaderLimits:
        """What a tap may ask of it."""
    def notified(self, octets: bytes) -> Notification:
        """What the interrupt pipe told of this slot."""
    def power_off(self) -> UsbStep:
        """Cuts the card's power, and with it its PIN state."""
    def power_on(self) -> UsbStep:
        """Powers the card."""
    def received(self, octets: bytes, elapsed_ms: int) -> UsbStep:
        """Goes on with what one transfer brought, after so many milliseconds."""
    def status(self) -> UsbStep:
        """Asks whether a card lies there."""
    def transmit(self, command: bytes) -> UsbStep:
        """Sends one command APDU."""
    def written(self) -> UsbStep:
        """Goes on after the message has been sent whole."""

class UsbCardReader(UsbCardReaderProtocol):
    """One slot of a USB card reader. Begin with `power_on`, `status`, `transmit` or `power_off`, then follow the steps."""
    @classmethod
    def of_descriptors(cls, raw: bytes) -> UsbCardReader:
        """The first slot of the first usable interface in the raw descriptors of a device."""
    def __init__(self, *args: typing.Never, **kwargs: typing.Never) -> None: ...
    def bulk_in(self) -> Endpoint:
        """From the reader."""
    def bulk_out(self) -> Endpoint:
        """Towards the reader."""
    def fail(self, fault: Fault) -> UsbStep:
        """Ends the request without an answer."""
    def interface_number(self) -> int:
        """Number of the interface to be claimed."""
    def interrupt(self) -> typing.Optional[Endpoint]:
        """Tells that a card came or went; not every reader has it."""
    def limits(self) -> ReaderLimits:
        """What a tap may ask of it."""
    def notified(self, octets: bytes) -> Notification:
        """What the interrupt pipe told of this slot."""
    def power_off(self) -> UsbStep:
        """Cuts the card's power, and with it its PIN state."""
    def power_on(self) -> UsbStep:
        """Powers the card."""
    def received(self, octets: bytes, elapsed_ms: int) -> UsbStep:
        """Goes on with what one transfer brought, after so many milliseconds."""
    def status(self) -> UsbStep:
        """Asks whether a card lies there."""
    def transmit(self, command: bytes) -> UsbStep:
        """Sends one command APDU."""
    def written(self) -> UsbStep:
        """Goes on after the message has been sent whole."""

def default_strategy() -> Strategy:
    """What a first tap is begun with."""

def guide() -> typing.List[Told]:
    """The whole guide, for お困りのとき."""

def unusable_code(reason: Unusable) -> str:
    """The code of the guide for a reader that cannot be used."""
