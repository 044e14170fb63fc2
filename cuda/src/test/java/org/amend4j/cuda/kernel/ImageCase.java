/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import java.util.List;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.network.Window;

/** A batch of images and a window on them, with plain loops over both. */
record ImageCase(boolean channelsFirst, int batch, int channels, int height, int width, Window window, long seed) {

    static List<ImageCase> all() {
        return List.of(
                new ImageCase(true, 0, 2, 5, 4, square(3, 1, 1, 1, 5, 4), 11),
                new ImageCase(true, 1, 1, 1, 1, square(1, 1, 0, 1, 1, 1), 12),
                new ImageCase(true, 2, 3, 7, 5, square(3, 2, 1, 1, 4, 3), 13),
                new ImageCase(false, 2, 3, 7, 5, square(3, 2, 1, 1, 4, 3), 14),
                new ImageCase(false, 3, 5, 6, 9, new Window(2, 3, 1, 2, 0, 2, 2, 1, 4, 5), 15),
                new ImageCase(true, 2, 2, 5, 6, Window.whole(5, 6), 16),
                // the corners see nothing but padding
                new ImageCase(false, 1, 2, 2, 2, square(2, 1, 2, 1, 5, 5), 17));
    }

    private static Window square(int kernel, int step, int pad, int dilation, int outHeight, int outWidth) {
        return new Window(kernel, kernel, step, step, pad, pad, dilation, dilation, outHeight, outWidth);
    }

    int size() {
        return batch * channels * height * width;
    }

    int outSize() {
        return batch * channels * window.outHeight() * window.outWidth();
    }

    DeviceImages images(DeviceArray array) {
        return new DeviceImages(array, channelsFirst, batch, channels, height, width);
    }

    DeviceImages outputs(DeviceArray array, int outChannels) {
        return new DeviceImages(array, channelsFirst, batch, outChannels, window.outHeight(), window.outWidth());
    }

    int index(int n, int c, int y, int x) {
        return index(n, c, y, x, channels, height, width);
    }

    int outIndex(int n, int c, int y, int x, int outChannels) {
        return index(n, c, y, x, outChannels, window.outHeight(), window.outWidth());
    }

    private int index(int n, int c, int y, int x, int ofChannels, int ofHeight, int ofWidth) {
        return channelsFirst
                ? ((n * ofChannels + c) * ofHeight + y) * ofWidth + x
                : ((n * ofHeight + y) * ofWidth + x) * ofChannels + c;
    }

    /** A place in the output, and one of its window's elements that is in the image. */
    interface Visitor {
        void visit(int n, int c, int oy, int ox, int ky, int kx, int y, int x);
    }

    void forEach(Visitor visitor) {
        for (int n = 0; n < batch; n++) {
            for (int c = 0; c < channels; c++) {
                for (int oy = 0; oy < window.outHeight(); oy++) {
                    for (int ox = 0; ox < window.outWidth(); ox++) {
                        window(n, c, oy, ox, visitor);
                    }
                }
            }
        }
    }

    private void window(int n, int c, int oy, int ox, Visitor visitor) {
        for (int ky = 0; ky < window.kernelHeight(); ky++) {
            for (int kx = 0; kx < window.kernelWidth(); kx++) {
                int y = oy * window.stepY() - window.padY() + ky * window.dilationY();
                int x = ox * window.stepX() - window.padX() + kx * window.dilationX();
                if (y >= 0 && y < height && x >= 0 && x < width) {
                    visitor.visit(n, c, oy, ox, ky, kx, y, x);
                }
            }
        }
    }
}
