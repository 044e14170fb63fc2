/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import org.amend4j.internal.validation.Checks;

/**
 * A rendered picture of an environment.
 *
 * @param height at least 1
 * @param width at least 1
 * @param rgb [height][width][3]: red, green and blue of each pixel, the topmost line first; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record GymnasiumPicture(int height, int width, byte[] rgb) {

    public GymnasiumPicture {
        Checks.atLeast(1, "height", height);
        Checks.atLeast(1, "width", width);
        Checks.present("rgb", rgb);
        if (rgb.length != 3L * height * width) {
            throw new IllegalArgumentException(
                    "a picture must have " + 3L * height * width + " bytes, got " + rgb.length);
        }
    }
}
