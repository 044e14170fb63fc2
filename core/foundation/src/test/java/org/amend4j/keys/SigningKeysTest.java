/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.amend4j.file.LockedException;
import org.amend4j.internal.file.WriterLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeysTest {

    private static final int MAKERS = 4;

    @TempDir
    private Path temp;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = temp.resolve("issuer.keys");
    }

    @Test
    void twoDoNotMakeOnePairAtATime() throws IOException {
        try (WriterLock other = WriterLock.of(temp, file.getFileName() + ".lock", "the pair of keys")) {
            assertTrue(other != null);
            refused(IOException.class, "is open elsewhere", () -> SigningKeys.openOrCreate(file));
        }
        assertFalse(Files.exists(file));
        SigningKeys.openOrCreate(file);
    }

    /** Whoever can read the secret half can sign in the issuer's name. */
    @Test
    void aPairThatOthersCanReadIsRefusedWithWhatHelps() throws IOException {
        assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("posix"));
        String publicKey = SigningKeys.openOrCreate(file).publicKey();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        for (String open : List.of("rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            refused(
                    IOException.class,
                    "must be its owner's alone (rw-------), but has " + open + ": chmod 600 " + file,
                    () -> SigningKeys.openOrCreate(file));
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertEquals(publicKey, SigningKeys.openOrCreate(file).publicKey());
    }

    /** A maker that is told no has none; two that are told yes have the same. */
    @Test
    void allWhoMakeAPairHaveTheOneThatStays() throws Exception {
        CyclicBarrier start = new CyclicBarrier(MAKERS);
        List<CompletableFuture<String>> makers = new ArrayList<>();
        for (int i = 0; i < MAKERS; i++) {
            CompletableFuture<String> made = new CompletableFuture<>();
            makers.add(made);
            new Thread(() -> {
                        try {
                            start.await();
                            made.complete(SigningKeys.openOrCreate(file).publicKey());
                        } catch (LockedException taken) {
                            made.complete("");
                        } catch (Exception failed) {
                            made.completeExceptionally(failed);
                        }
                    })
                    .start();
        }
        Set<String> had = new HashSet<>();
        for (CompletableFuture<String> made : makers) {
            had.add(made.get());
        }
        had.remove("");
        assertEquals(Set.of(SigningKeys.openOrCreate(file).publicKey()), had);
    }

    /** Of two keys that do not belong together nothing that is signed could ever be verified. */
    @Test
    void aSecretKeyThatIsNotThatOfThePublicKeyIsRefusedAndSoIsWhateverChangesAKey() throws IOException {
        SigningKeys.openOrCreate(file);
        List<String> lines = Files.readAllLines(file);
        Path other = temp.resolve("other.keys");
        SigningKeys.openOrCreate(other);
        Files.write(file, List.of(lines.get(0), Files.readAllLines(other).get(1)));
        refused(IOException.class, "does not hold a pair", () -> SigningKeys.openOrCreate(file));
        String sound = String.join("\n", lines) + "\n";
        int harmless = 0;
        for (int i = 0; i < sound.length(); i++) {
            char[] changed = sound.toCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Files.writeString(file, new String(changed));
            try {
                // base64 has bits that mean nothing
                assertEquals(lines.get(0), SigningKeys.openOrCreate(file).publicKey());
                harmless++;
            } catch (IOException refusal) {
                assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
            }
        }
        assertTrue(harmless <= 2, harmless + " changes were not noticed");
    }

    @Test
    void whatIsDeletedLeavesNothing() throws IOException {
        SigningKeys.openOrCreate(file);
        SigningKeys.delete(file);
        try (var left = Files.list(temp)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
