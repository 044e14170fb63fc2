/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.amend4j.testkit.BoundedReading;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedLinesTest {

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> lines(InputStream stream) throws IOException {
        BoundedLines lines = BoundedLines.strict(stream, 10_000);
        List<String> all = new ArrayList<>();
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
            all.add(line.get());
        }
        return all;
    }

    /** Whatever the pieces in which it arrives. */
    private static final class InPieces extends ByteArrayInputStream {
        private final Random random;

        InPieces(byte[] bytes, Random random) {
            super(bytes);
            this.random = random;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
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
            assertEquals(
                    expected,
                    lines(new InPieces(text.toString().getBytes(StandardCharsets.UTF_8), random)),
                    text.toString());
        }
        String wide = "x".repeat(10_000);
        assertEquals(List.of(wide, "", wide), lines(bytes(wide + "\n\n" + wide)));
        assertEquals(List.of("ä→", "𝄞"), lines(new InPieces("ä→\r\n𝄞".getBytes(StandardCharsets.UTF_8), random)));
    }

    @Test
    void ofALongLineTheBeginningIsKeptAndTheNextIsWhole() throws IOException {
        BoundedLines lines = BoundedLines.cut(bytes("x".repeat(100_000) + "\nshort\n12345\n123456"), 5);
        assertEquals(Optional.of("xxxxx"), lines.next());
        assertEquals(Optional.of("short"), lines.next());
        assertEquals(Optional.of("12345"), lines.next());
        assertEquals(Optional.of("12345"), lines.next());
        assertEquals(Optional.empty(), lines.next());
    }

    @Test
    void aLineIsRefusedAsSoonAsItIsTooLong() throws IOException {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        assertThrows(BoundedLines.TooLongException.class, BoundedLines.strict(endless, 50_000)::next);
        assertEquals(
                Optional.of("12345"), BoundedLines.strict(bytes("12345"), 5).next());
    }

    /** Bytes that are ends of lines, zeros and the greatest among them. */
    @Test
    void aBlockIsWhatWasSentWhateverThePiecesAndTheNextLineIsWhole() throws IOException {
        Random random = new Random(2);
        for (String end : List.of("\n", "\r\n")) {
            byte[] block = new byte[1000];
            random.nextBytes(block);
            System.arraycopy(new byte[] {'\n', 0, '\r', -1, '\n'}, 0, block, 0, 5);
            byte[] sent =
                    concat(bytes("first" + end), header(1000), block, bytes("second" + end), bytes("third" + end));
            BoundedLines lines = BoundedLines.strict(new InPieces(sent, random), 1000);
            assertEquals(0, lines.block().length);
            assertEquals(Optional.of("first"), lines.next());
            assertArrayEquals(block, lines.block());
            assertEquals(Optional.of("second"), lines.next());
            assertEquals(0, lines.block().length);
            assertEquals(Optional.of("third"), lines.next());
            assertEquals(0, lines.block().length);
            assertEquals(Optional.empty(), lines.next());
        }
    }

    private static byte[] header(int length) {
        return ByteBuffer.allocate(5).put((byte) 0).putInt(length).array();
    }

    private static byte[] concat(Object... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            all.write(part instanceof byte[] bytes ? bytes : ((InputStream) part).readAllBytes());
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 1001, Integer.MAX_VALUE})
    void aBlockIsRefusedByItsLength(int length) throws IOException {
        byte[] sent = concat(header(length), new byte[2000]);
        BoundedLines lines = BoundedLines.strict(new ByteArrayInputStream(sent), 1000);
        assertEquals(
                "a block must have at most 1000 bytes",
                assertThrows(BoundedLines.TooLongException.class, lines::block).getMessage());
    }

    /** A quarter of a gigabyte is announced; a few bytes come. */
    @Test
    void aBlockThatEndsEarlyTakesMemoryForWhatCame() throws IOException {
        int announced = 1 << 28;
        BoundedLines lines =
                BoundedLines.strict(new ByteArrayInputStream(concat(header(announced), new byte[100_000])), announced);
        assertEquals(
                Optional.empty(), BoundedReading.of("a block", 2_000_000, Set.of(EOFException.class), lines::block));
        BoundedLines cut = BoundedLines.strict(new ByteArrayInputStream(new byte[2]), 10);
        assertEquals(
                "a block's length must have 4 bytes, got 1",
                assertThrows(EOFException.class, cut::block).getMessage());
    }

    /** One that never ends a line would fill the memory until the time is over. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aProcessWithALineThatIsTooLongIsStopped() {
        List<String> endless = List.of("sh", "-c", "while true; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
        try (LineProcess process = LineProcess.start(endless, Duration.ofSeconds(60), 1000)) {
            String refusal =
                    assertThrows(GymnasiumException.class, process::receive).getMessage();
            assertTrue(refusal.contains("a line must have at most 1000 bytes"), refusal);
            process.close();
            assertFalse(process.isAlive());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void oneThatComplainsWithoutAnEndIsHeardAllTheSame() {
        List<String> loud = List.of("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo done");
        try (LineProcess process = LineProcess.start(loud, Duration.ofSeconds(60))) {
            assertEquals("done", process.receive().line());
        }
    }
}
