/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

import java.io.Serializable;

/** What pictures of one table have in common, and where their values are. */
record PictureSize(int height, int width, int channels, PictureLayout layout) implements Serializable {

    private static final long serialVersionUID = 1;

    int values() {
        return height * width * channels;
    }

    /** The place of a value among the features. */
    int place(int y, int x, int channel) {
        return layout == PictureLayout.CHANNELS_LAST
                ? (y * width + x) * channels + channel
                : (channel * height + y) * width + x;
    }
}
