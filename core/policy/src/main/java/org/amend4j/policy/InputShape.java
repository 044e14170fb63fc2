/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/** How a graph interprets a row of inputs. */
public sealed interface InputShape extends Identified {

    /** No row has more numbers: what a file says of itself takes no memory beyond that. */
    int LARGEST = 1 << 24;

    /** Numbers in a row. */
    int size();

    /** A vector; the graph is given [batch, size]. */
    record Row(int size) implements InputShape {

        public Row {
            Checks.inRange(1, LARGEST, "numbers in a row", size);
        }

        @Override
        public Facts facts() {
            return Facts.of("Row").with("size", size);
        }
    }

    /**
     * An image, its numbers in C order; the graph is given [batch, first, second, third]: channels, height and width of a
     * graph in NCHW, height, width and channels in NHWC.
     */
    record Image(int first, int second, int third) implements InputShape {

        public Image {
            Checks.atLeast(1, "first size", first);
            Checks.atLeast(1, "second size", second);
            Checks.atLeast(1, "third size", third);
            Checks.inRange(
                    1, LARGEST, "numbers of an image", Math.multiplyExact(Math.multiplyExact(first, second), third));
        }

        @Override
        public int size() {
            return Math.multiplyExact(Math.multiplyExact(first, second), third);
        }

        @Override
        public Facts facts() {
            return Facts.of("Image").with("first", first).with("second", second).with("third", third);
        }
    }

    /** One time step of a sequence; the graph is given [batch, size, time] and may remember. */
    record Sequence(int size) implements InputShape {

        public Sequence {
            Checks.inRange(1, LARGEST, "numbers in a step", size);
        }

        @Override
        public Facts facts() {
            return Facts.of("Sequence").with("size", size);
        }
    }
}
