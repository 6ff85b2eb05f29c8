//! Every rule of the card, as tables of raw commands and raw responses.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod table;
