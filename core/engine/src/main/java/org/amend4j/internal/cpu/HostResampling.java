/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Optional;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.backend.ResamplingKernels;
import org.amend4j.internal.network.Window;

/** Resampling on the host. */
final class HostResampling extends ResamplingKernels {

    private final HostMachine machine;

    HostResampling(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeUpsample(ImageView image, int factorY, int factorX, ImageView to) {
        VectorLoops<?> lanes = VectorLoops.of(to.array().type());
        HostImage small = HostImage.of(machine, lanes, image);
        HostImage large = HostImage.of(machine, lanes, to);
        machine.perform(() -> upsample(lanes, small, large, image.batch()));
    }

    private static <A> void upsample(VectorLoops<A> lanes, HostImage small, HostImage large, int batch) {
        int channels = small.channels();
        int factorX = large.width() / small.width();
        int factorY = large.height() / small.height();
        A row = lanes.scratch(0, small.row());
        A line = lanes.scratch(1, large.row());
        for (int n = 0; n < batch; n++) {
            for (int y = 0; y < large.height(); y++) {
                if (y % factorY == 0) {
                    small.load(lanes, n, y / factorY, row, 0);
                    for (int x = 0; x < large.width(); x++) {
                        lanes.copy(row, x / factorX * channels, line, x * channels, channels);
                    }
                }
                large.store(lanes, line, 0, n, y, 0, large.width());
            }
        }
    }

    @Override
    protected void computeUpsampleGradient(ImageView delta, int factorY, int factorX, ImageView image) {
        VectorLoops<?> lanes = VectorLoops.of(image.array().type());
        Window blocks = new Window(
                new Window.Span(factorY, factorY, 0, 1, image.height()),
                new Window.Span(factorX, factorX, 0, 1, image.width()));
        WindowSums work = WindowSums.outputs(
                HostImage.of(machine, lanes, delta), blocks, HostImage.of(machine, lanes, image), Optional.empty());
        machine.perform(() -> work.run(lanes, image.batch()));
    }

    @Override
    protected void computeCrop(ImageView image, int top, int left, ImageView to) {
        VectorLoops<?> lanes = VectorLoops.of(to.array().type());
        HostImage whole = HostImage.of(machine, lanes, image);
        HostImage part = HostImage.of(machine, lanes, to);
        machine.perform(() -> crop(lanes, whole, top, left, part, image.batch()));
    }

    private static <A> void crop(VectorLoops<A> lanes, HostImage whole, int top, int left, HostImage part, int batch) {
        int channels = whole.channels();
        int from = Math.max(0, -left);
        int to = Math.min(part.width(), whole.width() - left);
        A row = lanes.scratch(0, whole.row());
        A line = lanes.scratch(1, part.row());
        for (int n = 0; n < batch; n++) {
            for (int y = 0; y < part.height(); y++) {
                lanes.fill(line, 0, part.row(), 0);
                if (y + top >= 0 && y + top < whole.height() && from < to) {
                    whole.load(lanes, n, y + top, row, 0);
                    lanes.copy(row, (from + left) * channels, line, from * channels, (to - from) * channels);
                }
                part.store(lanes, line, 0, n, y, 0, part.width());
            }
        }
    }
}
