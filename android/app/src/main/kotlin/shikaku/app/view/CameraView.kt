package shikaku.app.view

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.Matrix
import android.graphics.SurfaceTexture
import android.view.Surface
import android.view.TextureView
import shikaku.camera.QrCamera

/** Shows what the camera sees while it looks for a QR code. */
@SuppressLint("ViewConstructor")
internal class CameraView(context: Context, private val forward: PageView.Forward) :
    TextureView(context), TextureView.SurfaceTextureListener {
    private var camera: QrCamera? = null

    init {
        surfaceTextureListener = this
    }

    override fun onSurfaceTextureAvailable(texture: SurfaceTexture, width: Int, height: Int) {
        if (!forward.mayUseCamera()) return
        camera = QrCamera(context, { post { forward.scanned(it) } }, { post { forward.cameraFailed() } }).apply {
            start(texture)
        }
        upright(width, height)
    }

    override fun onSurfaceTextureSizeChanged(texture: SurfaceTexture, width: Int, height: Int) = upright(width, height)

    override fun onSurfaceTextureDestroyed(texture: SurfaceTexture): Boolean {
        camera?.close()
        camera = null
        return true
    }

    override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit

    override fun onMeasure(width: Int, height: Int) {
        val across = MeasureSpec.getSize(width)
        setMeasuredDimension(across, minOf(across, resources.displayMetrics.heightPixels / 2))
    }

    /** The picture comes as the device is built; it is turned against how the device is held, and fills the view. */
    private fun upright(width: Int, height: Int) {
        val size = camera?.size ?: return
        val quarters = display?.rotation ?: Surface.ROTATION_0
        val (across, down) = if (quarters % 2 == 0) size.width to size.height else size.height to size.width
        val fill = maxOf(width / across.toFloat(), height / down.toFloat())
        setTransform(
            Matrix().apply {
                setScale(size.width * fill / width, size.height * fill / height, width / 2f, height / 2f)
                postRotate(-90f * quarters, width / 2f, height / 2f)
            },
        )
    }
}
