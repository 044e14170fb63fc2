/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumberedFilesTest {

    private static final NumberedFiles NAMES = new NumberedFiles("step-", ".x");

    @Test
    void namesHaveTenDigits() {
        assertEquals("step-0000000000.x", NAMES.name(0));
        assertEquals("step-0000000042.x", NAMES.name(42));
        assertEquals("step-2147483647.x", NAMES.name(Integer.MAX_VALUE));
    }

    @Test
    void onlyWholeNamesOfNumbersAreListed(@TempDir Path folder) throws IOException {
        for (String name : List.of(
                NAMES.name(7),
                NAMES.name(Integer.MAX_VALUE),
                "step-2147483648.x",
                "step-7.x",
                "step-0000000008.xx",
                "step-0000000009yx",
                ".step-0000000010.x")) {
            Files.createFile(folder.resolve(name));
        }
        assertEquals(List.of(7, Integer.MAX_VALUE), List.copyOf(NAMES.list(folder)));
    }
}
