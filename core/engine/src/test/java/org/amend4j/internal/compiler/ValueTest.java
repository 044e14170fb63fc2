/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amend4j.internal.compiler.Value.Buffer;
import org.junit.jupiter.api.Test;

/** Sizes of values beyond what an int can tell. */
class ValueTest {

    private static final int IMAGES = 42_800;
    private static final int PIXELS = 224 * 224;
    private static final Value PICTURES =
            new Value(new Buffer.Planned(0, RowUnit.EXAMPLE, Buffer.Planned.Numbers.REAL, 0), "activations", PIXELS, 3);

    @Test
    void an_int_product_of_so_many_images_would_be_negative() {
        assertTrue(unchecked(IMAGES, PIXELS) < 0);
    }

    private static int unchecked(int count, int rows) {
        return count * rows;
    }

    @Test
    void more_rows_than_products_can_count_are_refused_and_one_image_less_is_not() {
        int most = Integer.MAX_VALUE / PIXELS;
        assertEquals(IMAGES - 1, most);
        assertEquals(most * PIXELS, PICTURES.rows(new RunSize(most, 0)));
        String message = assertThrows(IllegalArgumentException.class, () -> PICTURES.rows(new RunSize(IMAGES, 0)))
                .getMessage();
        assertEquals(
                "42,800 x 50,176 rows of 'activations' at a time are more than 2,147,483,647: take smaller batches",
                message);
    }

    @Test
    void numbers_are_counted_beyond_an_int() {
        assertEquals(3L * IMAGES * PIXELS, PICTURES.length(new RunSize(IMAGES, 0)));
    }

    /** Before memory is asked for. */
    @Test
    void a_plan_of_too_many_rows_has_no_layout() {
        PlanStep step = new PlanStep("conv", "?", List.of(), List.of(PICTURES), Work.through(1), b -> {});
        assertEquals(
                3L * PIXELS * 100,
                MemoryLayout.of(List.of(step), List.of(), new RunSize(100, 0)).end(Buffer.Planned.Numbers.REAL));
        assertThrows(
                IllegalArgumentException.class,
                () -> MemoryLayout.of(List.of(step), List.of(), new RunSize(IMAGES, 0)));
    }
}
