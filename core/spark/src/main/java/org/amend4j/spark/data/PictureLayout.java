/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark.data;

/** The order of a picture's numbers as features. */
public enum PictureLayout {
    /** [channels, height, width]: what networks of Deeplearning4j expect. */
    CHANNELS_FIRST {
        @Override
        long[] shape(long height, long width, long channels) {
            return new long[] {channels, height, width};
        }
    },
    /** [height, width, channels]: what networks from Keras expect. */
    CHANNELS_LAST {
        @Override
        long[] shape(long height, long width, long channels) {
            return new long[] {height, width, channels};
        }
    },
    /** One row of numbers, channels first: for dense layers. */
    FLAT {
        @Override
        long[] shape(long height, long width, long channels) {
            return new long[] {channels * height * width};
        }
    };

    abstract long[] shape(long height, long width, long channels);
}
