/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.files.Leftovers;
import org.amend4j.app.files.WholeFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.data.BadInputException;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.keys.Hmac;
import org.amend4j.keys.KeyFile;
import org.amend4j.keys.SigningKeys;

/**
 * The secrets of a model that forgets, kept apart from its folder: whoever has both can read every checkpoint.
 *
 * @param checkpoints encrypts the keys of checkpoints
 * @param batches decides which records a step uses
 * @param subjects makes pseudonyms
 * @param issuer signs certificates
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record KeyFolder(byte[] checkpoints, byte[] batches, SubjectKey subjects, Issuer issuer) {

    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rwx------");
    private static final int MOST_BYTES = 1 << 20;
    private static final String CHECKPOINTS = "checkpoints.key";
    private static final String BATCHES = "batches.key";
    private static final String SUBJECTS = "subjects.key";
    private static final String ISSUER = "issuer.keys";
    private static final String PUBLIC = "issuer.public";
    private static final Leftovers LEFTOVERS =
            new Leftovers("checkpoints\\.key|batches\\.key|subjects\\.key|issuer\\.keys|issuer\\.public");

    /**
     * The keys of a run: two runs that share a folder of keys have other pseudonyms, batches and ledgers.
     *
     * @param run its random name; empty for a run that uses the keys as they are
     */
    KeyFolder ofRun(String run) {
        if (run.isEmpty()) {
            return this;
        }
        byte[] own = new Hmac(batches).of(("run " + run).getBytes(StandardCharsets.US_ASCII));
        return new KeyFolder(checkpoints, own, subjects.derived("run " + run), issuer);
    }

    /** Refuses a folder of keys inside of the other one, where backups and copies would take both. */
    static void requireApart(Path keys, Path folder) throws IOException {
        if (real(keys).startsWith(real(folder))) {
            throw new BadInputException("--keys must not be inside of " + folder + ", got " + keys);
        }
    }

    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (Files.exists(absolute)) {
            return absolute.toRealPath();
        }
        return parent == null ? absolute : real(parent).resolve(parent.relativize(absolute));
    }

    /** The keys of a folder; the folder and what is missing in it are made, for their owner alone. What killed makers left there goes. */
    static KeyFolder openOrCreate(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            Files.createDirectories(folder);
            if (knowsPermissions(folder)) {
                Files.setPosixFilePermissions(folder, OWNERS);
            }
        }
        requirePrivate("--keys", folder);
        boolean complete = isComplete(folder);
        if (!complete || LEFTOVERS.areIn(folder)) {
            try (FolderLock claim = FolderLock.of("--keys", folder.resolve(ISSUER))) {
                LEFTOVERS.removeFrom(folder);
                create(folder);
            } catch (BadInputException taken) {
                if (!complete) {
                    throw taken;
                }
            }
        }
        return open(folder);
    }

    private static boolean isComplete(Path folder) throws IOException {
        for (String file : new String[] {CHECKPOINTS, BATCHES, SUBJECTS, ISSUER, PUBLIC}) {
            if (!Files.exists(folder.resolve(file))) {
                return false;
            }
        }
        String stated =
                Files.readString(RegularFile.of(folder.resolve(PUBLIC), MOST_BYTES), StandardCharsets.ISO_8859_1);
        return stated.equals(Issuer.openOrCreate(folder.resolve(ISSUER)).publicKey() + '\n');
    }

    private static void create(Path folder) throws IOException {
        for (String file : new String[] {CHECKPOINTS, BATCHES, SUBJECTS}) {
            KeyFile.openOrCreate(folder.resolve(file));
        }
        String open = Issuer.openOrCreate(folder.resolve(ISSUER)).publicKey() + '\n';
        WholeFile.write(folder.resolve(PUBLIC), open.getBytes(StandardCharsets.US_ASCII));
    }

    /** Removes keys that nothing was made with. */
    static void delete(Path folder) throws IOException {
        for (String file : new String[] {CHECKPOINTS, BATCHES, SUBJECTS}) {
            KeyFile.delete(folder.resolve(file));
        }
        SigningKeys.delete(folder.resolve(ISSUER));
        Files.deleteIfExists(folder.resolve(PUBLIC));
        Files.deleteIfExists(folder);
    }

    /** The keys of a folder that must be there. */
    static KeyFolder open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException("--keys: there is no folder " + folder);
        }
        requirePrivate("--keys", folder);
        byte[] checkpoints = KeyFile.open(folder.resolve(CHECKPOINTS));
        byte[] batches = KeyFile.open(folder.resolve(BATCHES));
        SubjectKey subjects = SubjectKey.of(KeyFile.open(folder.resolve(SUBJECTS)));
        if (!Files.isRegularFile(folder.resolve(ISSUER))) {
            throw new BadInputException("--keys: there is no file " + folder.resolve(ISSUER));
        }
        return new KeyFolder(checkpoints, batches, subjects, Issuer.openOrCreate(folder.resolve(ISSUER)));
    }

    /** Whether a folder holds an issuer's keys. */
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(ISSUER));
    }

    /** Refuses a folder that others than its owner can look into. */
    static void requirePrivate(String option, Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(option + " must be a folder, " + folder + " is a file");
        }
        if (knowsPermissions(folder)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder, new LinkOption[0]);
            if (!OWNERS.containsAll(permissions)) {
                throw new BadInputException(option + ": " + folder + " must be its owner's alone (rwx------), but has "
                        + PosixFilePermissions.toString(permissions) + ": chmod 700 " + folder + " helps");
            }
        }
    }

    private static boolean knowsPermissions(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
