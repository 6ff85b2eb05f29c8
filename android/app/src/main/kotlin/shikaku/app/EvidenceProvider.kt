package shikaku.app

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.IOException
import java.util.UUID

/** Hands the evidence that staff share to the app that they chose: from memory, until the person is gone. */
class EvidenceProvider : ContentProvider() {
    override fun onCreate() = true

    override fun getType(uri: Uri) = TYPE

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        val octets = find(uri)?.octets
        if (octets == null || mode != "r") throw FileNotFoundException()
        return openPipeHelper(uri, TYPE, null, octets) { pipe, _, _, _, written ->
            try {
                FileOutputStream(pipe.fileDescriptor).use { it.write(written ?: return@use) }
            } catch (_: IOException) {
                // Who asked reads no further.
            }
        }
    }

    override fun query(
        uri: Uri, projection: Array<String>?, selection: String?, arguments: Array<String>?, order: String?,
    ): Cursor {
        val columns = projection ?: arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)
        val cursor = MatrixCursor(columns)
        val shared = find(uri) ?: return cursor
        cursor.addRow(
            columns.map {
                when (it) {
                    OpenableColumns.DISPLAY_NAME -> uri.lastPathSegment
                    OpenableColumns.SIZE -> shared.octets.size
                    else -> null
                }
            },
        )
        return cursor
    }

    override fun insert(uri: Uri, values: ContentValues?) = null

    override fun delete(uri: Uri, selection: String?, arguments: Array<String>?) = 0

    override fun update(uri: Uri, values: ContentValues?, selection: String?, arguments: Array<String>?) = 0

    companion object {
        const val TYPE = "application/octet-stream"
        private const val AUTHORITY = "shikaku.app.evidence"

        private class Shared(val uri: Uri, val octets: ByteArray)

        @Volatile
        private var shared: Shared? = null

        /** Where [octets] can be read from now on, in place of what was shared before. */
        fun share(octets: ByteArray): Uri {
            wipe()
            // A name that cannot be guessed and says nothing.
            val uri = Uri.Builder().scheme("content").authority(AUTHORITY).path("${UUID.randomUUID()}.shikaku").build()
            shared = Shared(uri, octets)
            return uri
        }

        fun wipe() {
            shared?.octets?.fill(0)
            shared = null
        }

        private fun find(uri: Uri) = shared?.takeIf { it.uri == uri }
    }
}
