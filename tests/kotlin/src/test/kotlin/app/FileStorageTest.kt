package shikaku.store

import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import shikaku.core.PlatformException

class FileStorageTest {
    @TempDir
    lateinit var folder: Path

    /** Turns octets round, in place of a key store's key. */
    private object Turned : Wrapping {
        override fun wrap(secret: ByteArray): ByteArray = secret.reversedArray()

        override fun unwrap(wrapped: ByteArray): ByteArray = wrapped.reversedArray()
    }

    private fun storage(at: Path = folder.resolve("sealed")) = FileStorage(at.toFile(), Turned)

    @Test
    fun aRecordIsThereWholeAfterTheNextStart() {
        assertNull(storage().read("state.0"))
        storage().write("state.0", byteArrayOf(1, 2, 3))
        storage().write("state.0", byteArrayOf(4))
        storage().write("empty", ByteArray(0))
        assertArrayEquals(byteArrayOf(4), storage().read("state.0"))
        assertArrayEquals(ByteArray(0), storage().read("empty"))
        val names = Files.list(folder.resolve("sealed")).use { it.map { file -> file.fileName.toString() }.sorted().toList() }
        assertEquals(listOf("empty", "state.0"), names)
    }

    @Test
    fun aWriteThatWasCutShortLeavesTheOldRecord() {
        storage().write("state.0", byteArrayOf(1, 2, 3))
        Files.write(folder.resolve("sealed/state.0.new"), byteArrayOf(9))
        assertArrayEquals(byteArrayOf(1, 2, 3), storage().read("state.0"))
        storage().write("state.0", byteArrayOf(5))
        assertArrayEquals(byteArrayOf(5), storage().read("state.0"))
    }

    @Test
    fun anErasedRecordIsGoneAndMayBeErasedAgain() {
        storage().write("key", byteArrayOf(1))
        repeat(2) { storage().erase("key") }
        assertNull(storage().read("key"))
    }

    @Test
    fun aDiskInTroubleIsToldAsSuchAndNotAsALostKey() {
        val file = Files.write(folder.resolve("file"), ByteArray(1))
        assertThrows(PlatformException.Unavailable::class.java) { storage(file).write("state.0", ByteArray(1)) }
        Files.createDirectories(folder.resolve("sealed/state.1"))
        assertThrows(PlatformException.Unavailable::class.java) { storage().read("state.1") }
        Files.newOutputStream(folder.resolve("sealed/huge")).use { it.write(ByteArray(8 * 1024 * 1024 + 1)) }
        assertThrows(PlatformException.Unavailable::class.java) { storage().read("huge") }
    }
}
