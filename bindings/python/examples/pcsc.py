"""Checks with a PC/SC reader: what a registered `terminal` asks for, done in its order."""

from shikaku import Begun, Effect, Fault, ReaderLimits, Step, Tap, Terminal
from smartcard.CardRequest import CardRequest
from smartcard.Exceptions import SmartcardException
from smartcard.ExclusiveConnectCardConnection import ExclusiveConnectCardConnection
from smartcard.scard import SCARD_UNPOWER_CARD

LIMITS = ReaderLimits(extended_length=False, short_read=256)


def pump(tap: Tap, card: ExclusiveConnectCardConnection) -> None:
    step = tap.start()
    while isinstance(step, Step.TRANSMIT):
        try:
            data, *status = card.transmit(list(step.command))
            step = tap.advance(bytes(data + status))
        except SmartcardException:
            step = tap.fail(Fault.TAG_LOST)


async def carry_out(terminal: Terminal, effects: list[Effect]) -> None:
    for effect in effects:
        if isinstance(effect, Effect.PERFORM):
            await carry_out(terminal, await terminal.perform(effect.call))
        elif isinstance(effect, Effect.AWAIT_CARD):
            with CardRequest(timeout=None) as request, request.waitforcard() as service:
                card = ExclusiveConnectCardConnection(service.connection)
                card.connect(disposition=SCARD_UNPOWER_CARD)
                begun = terminal.tap(effect.ticket, LIMITS, bytes(card.getATR()).hex())
                if isinstance(begun, Begun.STARTED):
                    pump(begun.tap, card)
            if isinstance(begun, Begun.STARTED):
                await carry_out(terminal, terminal.tapped(begun.tap))
            elif isinstance(begun, Begun.NOT):
                await carry_out(terminal, begun.effects)
