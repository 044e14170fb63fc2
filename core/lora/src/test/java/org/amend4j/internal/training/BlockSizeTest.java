/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockSizeTest {

    @Test
    void blocksAreNoLargerThanAllowedAndTheirNumberIsOneTwoOrAMultipleOfFour() {
        Random random = new Random(1);
        for (int trial = 0; trial < 10_000; trial++) {
            int records = 1 + random.nextInt(1 << random.nextInt(20));
            int most = 1 + random.nextInt(1 << random.nextInt(12));
            int size = BlockSize.even(records, most);
            String what = records + " records in blocks of at most " + most + ": " + size;
            assertTrue(size >= 1 && size <= most, what);
            int intended = (records + most - 1) / most;
            int blocks = (records + size - 1) / size;
            assertTrue(
                    blocks >= intended && blocks <= Math.max(intended, 4 * ((intended + 3) / 4)), what + ", " + blocks);
        }
    }

    @Test
    void fewRecordsTooManyForABlockMakeEqualOnes() {
        assertEquals(256, BlockSize.even(1024, 340));
        assertEquals(128, BlockSize.even(256, 128));
        assertEquals(128, BlockSize.even(256, 200));
        assertEquals(100, BlockSize.even(100, 128));
        assertEquals(1, BlockSize.even(5, 1));
    }
}
