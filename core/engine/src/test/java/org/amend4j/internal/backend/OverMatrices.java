/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A test of {@code (int rows, int columns, int gap, long seed)}: empty, single, narrow, wide and tall matrices, with gaps behind rows. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0} x {1}, gap {2}, seed {3}")
@CsvSource({
    "0, 7, 0, 11",
    "1, 1, 0, 12",
    "1, 300, 3, 13",
    "37, 33, 1, 14",
    "131, 257, 2, 15",
    "4100, 10, 0, 17",
    "5, 0, 1, 16"
})
public @interface OverMatrices {}
