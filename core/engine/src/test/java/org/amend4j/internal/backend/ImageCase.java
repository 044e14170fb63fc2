/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.List;
import org.amend4j.internal.network.Window;
import org.amend4j.internal.network.Window.Span;

/** A batch of images and a window on them, with plain loops over both. */
public record ImageCase(
        boolean channelsFirst, int batch, int channels, int height, int width, Window window, long seed) {

    public static List<ImageCase> all() {
        return List.of(
                new ImageCase(true, 0, 2, 5, 4, square(3, 1, 1, 1, 5, 4), 11),
                new ImageCase(true, 1, 1, 1, 1, square(1, 1, 0, 1, 1, 1), 12),
                new ImageCase(true, 2, 3, 7, 5, square(3, 2, 1, 1, 4, 3), 13),
                new ImageCase(false, 2, 3, 7, 5, square(3, 2, 1, 1, 4, 3), 14),
                new ImageCase(false, 3, 5, 6, 9, new Window(new Span(2, 1, 0, 2, 4), new Span(3, 2, 2, 1, 5)), 15),
                new ImageCase(true, 2, 2, 5, 6, Window.whole(5, 6), 16),
                // the corners see nothing but padding
                new ImageCase(false, 1, 2, 2, 2, square(2, 1, 2, 1, 5, 5), 17),
                // dilated, and a single row of windows
                new ImageCase(false, 2, 3, 8, 6, new Window(new Span(4, 3, 0, 2, 1), new Span(2, 1, 0, 1, 5)), 18),
                // rows longer than what is in hand at a time
                new ImageCase(false, 2, 300, 4, 11, square(3, 1, 1, 1, 4, 11), 19),
                new ImageCase(false, 1, 260, 5, 9, square(3, 2, 1, 1, 3, 5), 20));
    }

    private static Window square(int kernel, int step, int pad, int dilation, int outHeight, int outWidth) {
        return new Window(
                new Span(kernel, step, pad, dilation, outHeight), new Span(kernel, step, pad, dilation, outWidth));
    }

    int size() {
        return batch * channels * height * width;
    }

    int outSize() {
        return batch * channels * window.y().out() * window.x().out();
    }

    ImageView images(MachineArray array) {
        return new ImageView(array, channelsFirst, batch, channels, height, width);
    }

    ImageView outputs(MachineArray array, int outChannels) {
        return new ImageView(
                array,
                channelsFirst,
                batch,
                outChannels,
                window.y().out(),
                window.x().out());
    }

    int index(int n, int c, int y, int x) {
        return index(n, c, y, x, channels, height, width);
    }

    int outIndex(int n, int c, int y, int x, int outChannels) {
        return index(n, c, y, x, outChannels, window.y().out(), window.x().out());
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
                for (int oy = 0; oy < window.y().out(); oy++) {
                    for (int ox = 0; ox < window.x().out(); ox++) {
                        window(n, c, oy, ox, visitor);
                    }
                }
            }
        }
    }

    private void window(int n, int c, int oy, int ox, Visitor visitor) {
        for (int ky = 0; ky < window.y().kernel(); ky++) {
            for (int kx = 0; kx < window.x().kernel(); kx++) {
                int y = oy * window.y().step()
                        - window.y().pad()
                        + ky * window.y().dilation();
                int x = ox * window.x().step()
                        - window.x().pad()
                        + kx * window.x().dilation();
                if (y >= 0 && y < height && x >= 0 && x < width) {
                    visitor.visit(n, c, oy, ox, ky, kx, y, x);
                }
            }
        }
    }
}
