//! Standard input of `shikaku virtual-card --cards-stdin`: an order for another card on each line.
//!
//! `CARD` lays that card in place of whatever lies there, an empty line only takes it out. `CARD N` does so once N
//! commands have gone to cards, `CARD lost:N` and the like at once, with that slip to come; both count from the start
//! of the service. `again` for a card is the one that was taken last, with its counters.

use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use shikaku_virtual_card::{Card, Slip, Swap};

use super::{VirtualCardArgs, summarise};
use crate::failure::Failure;
use crate::screen;

/// What was ordered, as it comes.
pub(super) struct Orders {
    pub(super) swaps: Receiver<Swap>,
    last: Arc<Mutex<Option<Card>>>,
}

impl Orders {
    /// Listens; without `--cards-stdin` nothing is ever ordered.
    pub(super) fn listen(args: &VirtualCardArgs) -> Self {
        let (orders, swaps) = channel();
        let last: Arc<Mutex<Option<Card>>> = Arc::default();
        if args.cards_stdin {
            let (args, last) = (args.clone(), Arc::clone(&last));
            // It ends with the input, or with the program.
            thread::spawn(move || {
                for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                    let said = match swap(&args, &last, line.trim()).map(|swap| orders.send(swap).is_ok()) {
                        Ok(true) => format!("受け付けました: {line}"),
                        // Nobody listens any more: the service has ended.
                        Ok(false) => return,
                        Err(failure) => failure.to_string(),
                    };
                    screen::note(&said);
                }
            });
        }
        Self { swaps, last }
    }

    /// Says what a card that was taken out was asked, and keeps it at hand.
    pub(super) fn taken(&self, card: &Card, as_json: bool) {
        screen::note("カードを取り去りました");
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(card.clone());
        summarise(card, as_json);
    }
}

fn swap(args: &VirtualCardArgs, last: &Mutex<Option<Card>>, line: &str) -> Result<Swap, Failure> {
    let (card, word) = line.rsplit_once(' ').unwrap_or((line, ""));
    let (card, after, slip) = match (word.parse(), word.parse::<Slip>()) {
        (Ok(after), _) => (card, after, None),
        (Err(_), Ok(slip)) => (card, 0, Some(slip)),
        // A folder may have a blank in its name.
        (Err(_), Err(_)) => (line, 0, None),
    };
    let card = match card {
        "" => None,
        "again" => last.lock().unwrap_or_else(PoisonError::into_inner).take(),
        card => Some(args.open(card)?),
    };
    Ok(Swap { card, after, slip })
}
