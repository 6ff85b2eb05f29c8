package shikaku.app.presenter

import shikaku.core.ConnectionTest
import shikaku.core.Facts
import shikaku.core.HistoryEntry
import shikaku.core.Told

/** What this device reads cards with. */
data class Equipment(val nfc: Nfc, val canHaveReader: Boolean, val hasReader: Boolean) {
    /** Whether nothing here reads a card. */
    val isNone: Boolean get() = nfc == Nfc.ABSENT && !hasReader

    enum class Nfc { READY, OFF, ABSENT }
}

/** What lies on the desk beside the core's screen: where staff look, what they chose, what was typed. */
data class Desk(
    val place: Place = Place.Core,
    val equipment: Equipment,
    val staff: String? = null,
    val pad: List<Int> = Pad.PLAIN,
    val typed: Int = 0,
    /** Whether what was typed is as long as it has to be. */
    val isTyped: Boolean = false,
    /** The photo in the chip while it is looked at, PNG. */
    val photo: Item.Photo? = null,
    val isShuffled: Boolean = false,
    val isMore: Boolean = false,
    val readerLater: Boolean = false,
    val isLockedByDevice: Boolean = true,
    /** What went wrong besides: an export, a reader. */
    val told: Told? = null,
    val isCopied: Boolean = false,
    val hasNoCamera: Boolean = false,
    val isTesting: Boolean = false,
    val hasSettings: Boolean = false,
    val entries: Map<Field, String> = emptyMap(),
    val guide: List<Told> = emptyList(),
    val facts: Facts? = null,
    val history: List<HistoryEntry> = emptyList(),
    val connection: ConnectionTest? = null,
)
