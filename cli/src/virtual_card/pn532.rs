//! `shikaku virtual-card --pn532`: lays a virtual card on an emulated PN532, so that libnfc programs find it.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use shikaku_virtual_card::pn532::{Event, Port, serve};

use super::orders::Orders;
use super::{Signals, VirtualCardArgs, summarise};
use crate::failure::Failure;
use crate::screen;

/// Serves until SIGINT or SIGTERM. The connection string stands on standard error; `link` leads to the same
/// terminal under a name that is known beforehand, and goes when the service ends. Each card's sums follow it when it
/// goes.
pub(super) fn run(args: &VirtualCardArgs, link: &Path) -> Result<(), Failure> {
    let (card, trouble) = (args.open(&args.card)?, args.trouble()?);
    let port = Port::open().map_err(|error| Failure::plain(format_args!("仮想端末が開けません: {error}")))?;
    let stop = AtomicBool::new(false);
    let signals = Signals::new()?;
    let orders = Orders::listen(args);
    let _link = Link::make(port.path(), link)?;
    screen::note(&format!("pn532_uart:{}", port.path()));
    let left = thread::scope(|scope| {
        let (port, stop) = (&port, &stop);
        let service = scope.spawn(move || {
            serve(card, port, trouble, &orders.swaps, stop, |event| show(&event, &orders, args))
        });
        signals.wait();
        stop.store(true, Ordering::Relaxed);
        match service.join() {
            Ok(served) => served.map_err(|error| Failure::plain(format_args!("仮想端末: {error}"))),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    if let Some(card) = &left {
        summarise(card, args.json);
    }
    Ok(())
}

fn show(event: &Event<'_>, orders: &Orders, args: &VirtualCardArgs) {
    match event {
        Event::Taken(card) => orders.taken(card, args.json),
        Event::Laid => screen::note("カードを載せました"),
        _ if !args.trace => {}
        Event::Field(true) => screen::note("電波を出しました"),
        Event::Field(false) => screen::note("電波を止めました"),
        Event::Exchange(exchange) => screen::note(&format!("{exchange:?}")),
    }
}

/// A symbolic link, removed when dropped.
struct Link(PathBuf);

impl Link {
    fn make(to: &str, at: &Path) -> Result<Self, Failure> {
        symlink(to, at).map_err(|error| Failure::file(at, &error))?;
        Ok(Self(at.to_owned()))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // If somebody removed it before, it is gone all the same.
        let _ = std::fs::remove_file(&self.0);
    }
}
