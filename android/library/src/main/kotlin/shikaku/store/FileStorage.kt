package shikaku.store

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.READ
import shikaku.core.PlatformException
import shikaku.core.SealedStorage

/** What encrypts the core's data key, 48 octets, under a key that never leaves the device's hardware. */
interface Wrapping {
    /** What only this device can open. */
    @Throws(PlatformException::class)
    fun wrap(secret: ByteArray): ByteArray

    /** What [wrap] was given; [PlatformException.KeyLost] if it never will be again. */
    @Throws(PlatformException::class)
    fun unwrap(wrapped: ByteArray): ByteArray
}

/**
 * The sealed records of the core, a file each, in [folder]: on a phone one that no backup takes.
 *
 * A record is written beside the one that is there, synced, and put in its place: afterwards there is the old one or
 * the new one, also after a power cut.
 */
class FileStorage(private val folder: File, private val wrapping: Wrapping) : SealedStorage {
    override fun read(name: String): ByteArray? = orUnavailable {
        File(folder, name).takeIf(File::exists)?.run {
            if (length() > LIMIT) throw IOException("$name is longer than any record")
            readBytes()
        }
    }

    override fun write(name: String, octets: ByteArray) = orUnavailable {
        Files.createDirectories(folder.toPath())
        val beside = File(folder, "$name.new")
        FileOutputStream(beside).use {
            it.write(octets)
            it.fd.sync()
        }
        Files.move(beside.toPath(), File(folder, name).toPath(), ATOMIC_MOVE, REPLACE_EXISTING)
        syncFolder()
    }

    override fun erase(name: String) = orUnavailable {
        if (Files.deleteIfExists(File(folder, name).toPath())) syncFolder()
    }

    override fun wrap(secret: ByteArray): ByteArray = wrapping.wrap(secret)

    override fun unwrap(wrapped: ByteArray): ByteArray = wrapping.unwrap(wrapped)

    /** Makes the folder's entries lasting. */
    private fun syncFolder() = FileChannel.open(folder.toPath(), READ).use { it.force(true) }

    private fun <T> orUnavailable(work: () -> T): T = try {
        work()
    } catch (_: IOException) {
        throw PlatformException.Unavailable()
    }

    private companion object {
        /** Longest record that is read, in octets: a hundred times what the core keeps. */
        const val LIMIT = 8L * 1024 * 1024
    }
}
