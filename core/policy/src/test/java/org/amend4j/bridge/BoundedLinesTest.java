/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BoundedLinesTest {

    private static List<String> lines(Reader reader) throws IOException {
        BoundedLines lines = BoundedLines.strict(reader, 10_000);
        List<String> all = new ArrayList<>();
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
            all.add(line.get());
        }
        return all;
    }

    /** Whatever the pieces in which it arrives. */
    private static final class InPieces extends StringReader {
        private final Random random;

        InPieces(String text, Random random) {
            super(text);
            this.random = random;
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            return super.read(buffer, offset, Math.min(length, 1 + random.nextInt(3)));
        }
    }

    @Test
    void linesAreThoseOfJavasReader() throws IOException {
        Random random = new Random(1);
        for (int trial = 0; trial < 500; trial++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append("a\n\r".charAt(random.nextInt(3)));
            }
            List<String> expected = new BufferedReader(new StringReader(text.toString()))
                    .lines()
                    .toList();
            assertEquals(expected, lines(new InPieces(text.toString(), random)), text.toString());
        }
        String wide = "x".repeat(10_000);
        assertEquals(List.of(wide, "", wide), lines(new StringReader(wide + "\n\n" + wide)));
    }

    @Test
    void ofALongLineTheBeginningIsKeptAndTheNextIsWhole() throws IOException {
        BoundedLines lines = BoundedLines.cut(new StringReader("x".repeat(100_000) + "\nshort\n12345\n123456"), 5);
        assertEquals(Optional.of("xxxxx"), lines.next());
        assertEquals(Optional.of("short"), lines.next());
        assertEquals(Optional.of("12345"), lines.next());
        assertEquals(Optional.of("12345"), lines.next());
        assertEquals(Optional.empty(), lines.next());
    }

    @Test
    void aLineIsRefusedAsSoonAsItIsTooLong() throws IOException {
        Reader endless = new Reader() {
            @Override
            public int read(char[] buffer, int offset, int length) {
                java.util.Arrays.fill(buffer, offset, offset + length, 'x');
                return length;
            }

            @Override
            public void close() {}
        };
        assertThrows(BoundedLines.TooLongException.class, BoundedLines.strict(endless, 50_000)::next);
        assertEquals(
                Optional.of("12345"),
                BoundedLines.strict(new StringReader("12345"), 5).next());
    }

    /** One that never ends a line would fill the memory until the time is over. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aProcessWithALineThatIsTooLongIsStopped() {
        List<String> endless = List.of("sh", "-c", "while true; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
        try (LineProcess process = LineProcess.start(endless, Duration.ofSeconds(60), 1000)) {
            String refusal =
                    assertThrows(GymnasiumException.class, process::receive).getMessage();
            assertTrue(refusal.contains("a line must have at most 1000 characters"), refusal);
            process.close();
            assertFalse(process.isAlive());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void oneThatComplainsWithoutAnEndIsHeardAllTheSame() {
        List<String> loud = List.of("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo done");
        try (LineProcess process = LineProcess.start(loud, Duration.ofSeconds(60))) {
            assertEquals("done", process.receive());
        }
    }
}
