package shikaku.app

import android.content.Context
import android.media.AudioManager
import android.media.ToneGenerator
import android.os.VibrationEffect
import android.os.Vibrator
import shikaku.app.presenter.Cue

/** What is heard and felt. */
class Cues(context: Context) {
    private val vibrator: Vibrator? = context.getSystemService(Vibrator::class.java)
    private val tones: ToneGenerator? = try {
        ToneGenerator(AudioManager.STREAM_NOTIFICATION, VOLUME)
    } catch (_: RuntimeException) {
        // So does the framework say that there is no sound to be had.
        null
    }

    fun play(cue: Cue) {
        val (tone, pattern) = when (cue) {
            Cue.GOOD -> ToneGenerator.TONE_PROP_ACK to longArrayOf(0, 80)
            Cue.BAD -> ToneGenerator.TONE_PROP_NACK to longArrayOf(0, 300, 150, 300)
            Cue.ATTENTION -> ToneGenerator.TONE_PROP_BEEP2 to longArrayOf(0, 150, 100, 150)
            Cue.TAKEN -> ToneGenerator.TONE_PROP_BEEP to longArrayOf(0, 40)
        }
        tones?.startTone(tone)
        vibrator?.takeIf(Vibrator::hasVibrator)?.vibrate(VibrationEffect.createWaveform(pattern, -1))
    }

    private companion object {
        /** Of a hundred. */
        const val VOLUME = 80
    }
}
