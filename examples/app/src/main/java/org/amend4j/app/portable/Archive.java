/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.internal.digest.Sha256;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A tar.gz, which every Linux unpacks, with the checksums of its content. Its bytes depend only on what is put in. */
final class Archive implements AutoCloseable {

    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final long SECONDS = TIME.toEpochSecond(java.time.ZoneOffset.UTC);
    private static final int READABLE = 0100644;
    private static final int EXECUTABLE = 0100755;

    private final GZIPOutputStream compressed;
    private final TarArchiveOutputStream tar;
    private final String root;
    private final List<Sum> sums = new ArrayList<>();

    /** Fast: most of what is put in is compressed already. */
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /**
     * An empty one.
     *
     * @param root the folder everything is in
     */
    Archive(OutputStream out, String root) throws IOException {
        this.compressed = new Fast(out);
        this.tar = new TarArchiveOutputStream(compressed, StandardCharsets.UTF_8.name());
        this.root = root;
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    /** Adds a text. */
    void add(String name, String text) throws IOException {
        add(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a file's content. */
    void add(String name, byte[] content) throws IOException {
        put(name, new ByteArrayInputStream(content), content.length, READABLE);
    }

    /** Adds a jar, or a folder as one. */
    void addLibrary(String name, Path library) throws IOException {
        if (Files.isDirectory(library)) {
            add(name, jarOf(library, ""));
        } else {
            addFile(name, library);
        }
    }

    /** Adds what is below a folder's folder as a jar. */
    void addClasses(String name, Path classes, String below) throws IOException {
        add(name, jarOf(classes, below));
    }

    /** Adds all files below a folder; what may be executed there may be here. */
    void addTree(String name, Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                addFile(name + "/" + relative(folder, file), file);
            }
        }
    }

    private void addFile(String name, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            put(name, in, Files.size(file), Files.isExecutable(file) ? EXECUTABLE : READABLE);
        }
    }

    private void put(String name, InputStream in, long size, int mode) throws IOException {
        MessageDigest digest = Sha256.start();
        TarArchiveEntry entry = new TarArchiveEntry(root + "/" + name);
        entry.setSize(size);
        entry.setMode(mode);
        entry.setModTime(1000 * SECONDS);
        tar.putArchiveEntry(entry);
        new DigestInputStream(in, digest).transferTo(tar);
        tar.closeArchiveEntry();
        sums.add(new Sum(name, digest));
    }

    private static byte[] jarOf(Path folder, String below) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream jar = new ZipOutputStream(bytes, StandardCharsets.UTF_8);
                Stream<Path> all = Files.walk(folder.resolve(below))) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                ZipEntry entry = new ZipEntry(relative(folder, file));
                entry.setTimeLocal(TIME);
                jar.putNextEntry(entry);
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    /** Adds the sums of everything added before, and ends the archive. */
    void finish() throws IOException {
        StringBuilder lines = new StringBuilder();
        sums.forEach(sum -> lines.append(sum.line()));
        add("SHA256SUMS", lines.toString());
        tar.finish();
        compressed.finish();
        compressed.flush();
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
