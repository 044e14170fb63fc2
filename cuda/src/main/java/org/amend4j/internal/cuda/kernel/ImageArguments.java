/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.integer;

import java.util.List;
import org.amend4j.internal.backend.ImageView;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.network.Window;

/** Images as kernels take them. */
final class ImageArguments {

    private ImageArguments() {}

    /** Distances between neighbours in the batch, in channels, rows and columns of pixels. */
    static List<Argument> strides(ImageView of) {
        int image = of.channels() * of.height() * of.width();
        return of.channelsFirst()
                ? List.of(integer(image), integer(of.height() * of.width()), integer(of.width()), integer(1))
                : List.of(integer(image), integer(1), integer(of.width() * of.channels()), integer(of.channels()));
    }

    /** The images' sizes and how a window looks at them, as kernels take them. */
    static List<Argument> under(ImageView of, Window window) {
        return List.of(
                integer(of.batch()),
                integer(of.channels()),
                integer(of.height()),
                integer(of.width()),
                integer(window.y().out()),
                integer(window.x().out()),
                integer(window.y().kernel()),
                integer(window.x().kernel()),
                integer(window.y().step()),
                integer(window.x().step()),
                integer(window.y().pad()),
                integer(window.x().pad()),
                integer(window.y().dilation()),
                integer(window.x().dilation()));
    }
}
