/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.files.Leftovers;
import org.amend4j.app.files.WholeFile;
import org.amend4j.certificate.Digests;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.keys.SigningKeys;
import org.amend4j.transparency.NoteKey;
import org.amend4j.transparency.SignedNote;

/**
 * A witness: a key pair of its own, and the last head of every ledger that it signed. Opened by one run at a time: two could sign two heads
 * of which neither is the beginning of the other.
 */
final class WitnessFolder implements AutoCloseable {

    private static final String KEYS = "witness.keys";
    private static final int MOST_BYTES = 1 << 20;
    private static final String PUBLIC = "witness.public";
    private static final int NAME_DIGITS = 16;

    private static final Leftovers LEFTOVERS = new Leftovers("witness\\.keys|witness\\.public|head-[0-9a-f]*\\.txt");

    private final Path folder;
    private final FolderLock claim;
    private final SigningKeys keys;
    private final NoteKey key;

    private WitnessFolder(Path folder, FolderLock claim, SigningKeys keys) {
        this.folder = folder;
        this.claim = claim;
        this.keys = keys;
        byte[] open = keys.publicKey().getBytes(StandardCharsets.US_ASCII);
        String name = "amend4j/witness/" + Digests.of(open).substring(0, NAME_DIGITS);
        this.key = NoteKey.of(name, NoteKey.Kind.COSIGNATURE, keys.publicKey());
    }

    /** The witness of a folder; the folder and its keys are made if they are missing, for their owner alone. */
    static WitnessFolder openOrCreate(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            Destination.folder("--witness-keys", folder);
            Files.createDirectories(folder);
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
        }
        KeyFolder.requirePrivate("--witness-keys", folder);
        if (KeyFolder.isIn(folder)) {
            throw new BadInputException("--witness-keys: " + folder
                    + " holds an issuer's keys; a witness must be somebody else, or shows nothing");
        }
        FolderLock claim = FolderLock.of("--witness-keys", folder.resolve(KEYS));
        try {
            LEFTOVERS.removeFrom(folder);
            WitnessFolder witness = new WitnessFolder(folder, claim, keys(folder.resolve(KEYS)));
            WholeFile.write(folder.resolve(PUBLIC), (witness.key + "\n").getBytes(StandardCharsets.US_ASCII));
            return witness;
        } catch (IOException | RuntimeException refused) {
            claim.close();
            throw refused;
        }
    }

    private static SigningKeys keys(Path file) throws IOException {
        boolean begun = Files.exists(file);
        try {
            return SigningKeys.openOrCreate(file);
        } catch (IOException refused) {
            if (begun) {
                throw new BadInputException("--witness-keys: " + refused.getMessage(), refused);
            }
            throw refused;
        }
    }

    /** Whom to trust, for {@code --witness}. */
    NoteKey key() {
        return key;
    }

    /**
     * The head of a ledger that was signed last.
     *
     * @throws BadInputException if it is damaged: what it says must not be passed over
     */
    Optional<SignedNote> last(String origin) throws IOException {
        Path file = file(origin);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(SignedNote.parse(Files.readAllBytes(RegularFile.of(file, MOST_BYTES))));
        } catch (IllegalArgumentException damaged) {
            throw new BadInputException("--witness-keys: " + file + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    /** Signs a head and remembers it. */
    SignedNote sign(String origin, SignedNote head) throws IOException {
        SignedNote signed = head.cosigned(key.name(), keys, Instant.now());
        WholeFile.write(file(origin), signed.bytes());
        return signed;
    }

    @Override
    public void close() throws IOException {
        claim.close();
    }

    private Path file(String origin) {
        return folder.resolve("head-" + HexFormat.of().formatHex(origin.getBytes(StandardCharsets.UTF_8)) + ".txt");
    }
}
