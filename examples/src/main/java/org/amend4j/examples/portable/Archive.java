package org.amend4j.examples.portable;

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
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A zip whose bytes depend on what is put in only, with the sums of all of it. */
final class Archive implements AutoCloseable {

    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    private final ZipOutputStream zip;
    private final String root;
    private final List<Sum> sums = new ArrayList<>();

    /**
     * An empty one.
     *
     * @param root the folder everything is in
     */
    Archive(OutputStream out, String root) {
        this.zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        this.root = root;
        zip.setLevel(Deflater.NO_COMPRESSION); // jars are compressed already
    }

    /** Adds a text. */
    void add(String name, String text) throws IOException {
        add(name, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Adds a jar, or a folder as one. */
    void addLibrary(String name, Path library) throws IOException {
        if (Files.isDirectory(library)) {
            add(name, new ByteArrayInputStream(jarOf(library)));
            return;
        }
        try (InputStream in = Files.newInputStream(library)) {
            add(name, in);
        }
    }

    private void add(String name, InputStream in) throws IOException {
        MessageDigest digest = Sum.sha256();
        put(zip, root + "/" + name, new DigestInputStream(in, digest));
        sums.add(new Sum(name, digest));
    }

    private static void put(ZipOutputStream zip, String name, InputStream in) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        in.transferTo(zip);
        zip.closeEntry();
    }

    private static byte[] jarOf(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream jar = new ZipOutputStream(bytes, StandardCharsets.UTF_8);
                Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    put(jar, folder.relativize(file).toString().replace('\\', '/'), in);
                }
            }
        }
        return bytes.toByteArray();
    }

    /** Adds the sums of everything added before, and ends the archive. */
    void finish() throws IOException {
        StringBuilder lines = new StringBuilder();
        sums.forEach(sum -> lines.append(sum.line()));
        add("SHA256SUMS", lines.toString());
        zip.finish();
        zip.flush();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
