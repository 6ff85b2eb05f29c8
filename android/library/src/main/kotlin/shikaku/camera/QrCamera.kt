package shikaku.camera

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.Surface

/**
 * Looks through the camera at the back for a QR code, until it finds one or is closed.
 *
 * [onFound] gets the text, once; [onFailure] is told that there is no camera that works. Both on a thread of the camera.
 */
class QrCamera(
    context: Context,
    private val onFound: (String) -> Unit,
    private val onFailure: () -> Unit,
) : AutoCloseable {
    private val manager: CameraManager? = context.getSystemService(CameraManager::class.java)
    private val thread = HandlerThread("qr").apply { start() }
    private val handler = Handler(thread.looper)
    private var device: CameraDevice? = null
    private var pictures: ImageReader? = null
    private var isOver = false

    /** The size of the preview as the device is built, once the camera is known. */
    var size: Size? = null
        private set

    /** Opens the camera and shows what it sees in [preview]. Permission for the camera is there already. */
    @SuppressLint("MissingPermission")
    fun start(preview: SurfaceTexture) = orFailure {
        val manager = manager ?: return onFailure()
        val camera = manager.cameraIdList.minByOrNull { rank(manager.getCameraCharacteristics(it)) }
            ?: return onFailure()
        val facts = manager.getCameraCharacteristics(camera)
        val found = fitting(facts) ?: return onFailure()
        val isTurned = (facts.get(CameraCharacteristics.SENSOR_ORIENTATION) ?: 0) % 180 != 0
        size = if (isTurned) Size(found.height, found.width) else found
        preview.setDefaultBufferSize(found.width, found.height)
        manager.openCamera(camera, opened(found, Surface(preview)), handler)
    }

    override fun close() {
        handler.post {
            isOver = true
            device?.close()
            pictures?.close()
            thread.quitSafely()
        }
    }

    private fun opened(size: Size, preview: Surface) = object : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            if (isOver) return camera.close()
            device = camera
            look(camera, size, preview)
        }

        override fun onDisconnected(camera: CameraDevice) = lost(camera)

        override fun onError(camera: CameraDevice, error: Int) = lost(camera)
    }

    private fun lost(camera: CameraDevice) {
        camera.close()
        device = null
        if (!isOver) onFailure()
    }

    /** A camera may be pulled out, or taken by another app, before any step; a surface may go with its page. */
    private inline fun orFailure(step: () -> Unit) {
        try {
            step()
        } catch (_: CameraAccessException) {
            if (!isOver) onFailure()
        } catch (_: IllegalArgumentException) {
            if (!isOver) onFailure()
        } catch (_: IllegalStateException) {
            if (!isOver) onFailure()
        } catch (_: SecurityException) {
            // The permission was taken back, or an administrator forbids cameras.
            if (!isOver) onFailure()
        }
    }

    // The way with an executor came with API 28 and means the same; this one takes the handler of our thread.
    @Suppress("DEPRECATION")
    private fun look(camera: CameraDevice, size: Size, preview: Surface) = orFailure {
        val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 2)
        pictures = reader
        reader.setOnImageAvailableListener({ it.acquireLatestImage()?.use(::search) }, handler)
        val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
            addTarget(preview)
            addTarget(reader.surface)
            set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
        }.build()
        val started = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) = orFailure {
                if (!isOver) session.setRepeatingRequest(request, null, handler)
            }

            override fun onConfigureFailed(session: CameraCaptureSession) = onFailure()
        }
        camera.createCaptureSession(listOf(preview, reader.surface), started, handler)
    }

    private fun search(picture: Image) {
        if (isOver) return
        val plane = picture.planes.first()
        // The last row ends with its last pixel; the room is for whole rows.
        val luminance = ByteArray(plane.rowStride * picture.height)
        plane.buffer.get(luminance, 0, minOf(plane.buffer.remaining(), luminance.size))
        val text = QrCode.read(luminance, picture.width, picture.height, plane.rowStride)
        // The registration code was in this picture.
        luminance.fill(0)
        if (text != null) {
            isOver = true
            onFound(text)
        }
    }

    /** The camera at the back first, then one that is plugged in, then any. */
    private fun rank(camera: CameraCharacteristics): Int = when (camera.get(CameraCharacteristics.LENS_FACING)) {
        CameraCharacteristics.LENS_FACING_BACK -> 0
        CameraCharacteristics.LENS_FACING_EXTERNAL -> 1
        else -> 2
    }

    /** The smallest pictures in which a dense QR code can still be read. */
    private fun fitting(camera: CameraCharacteristics): Size? {
        val map = camera.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
        val sizes = map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty()
        val dense = sizes.filter { minOf(it.width, it.height) >= DENSE }
        return dense.minByOrNull { it.width * it.height } ?: sizes.maxByOrNull { it.width * it.height }
    }

    private companion object {
        /** Pixels on the shorter side. */
        const val DENSE = 720
    }
}
