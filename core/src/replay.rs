//! Recorded taps (`tests/transcripts/*.apdu`): parse them and play them through a tap.
