/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.demos;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every demo runs, and what it prints is what it is there to show. */
class DemosTest {

    private interface Main {
        void run() throws Exception;
    }

    private static synchronized String printed(Main main) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            main.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The number behind some words. */
    private static double number(String printed, String words) {
        Matcher matcher = Pattern.compile(Pattern.quote(words) + " ([0-9.]+)").matcher(printed);
        assertTrue(matcher.find(), () -> "'" + words + "' in: " + printed);
        return Double.parseDouble(matcher.group(1));
    }

    @Test
    void anAdapterFollowsTheMoonsAndTheBaseStays() throws Exception {
        String printed = printed(AdaptYourNetwork::main);
        assertTrue(number(printed, "base:") > 0.95, printed);
        assertTrue(number(printed, "adapter:") > 0.9, printed);
        assertTrue(number(printed, "base again:") > 0.95, printed);
    }

    @Test
    void descentDecreasesTheLoss() throws Exception {
        String printed = printed(DescendWithGuarantees::main);
        Matcher losses = Pattern.compile("loss ([0-9.]+)").matcher(printed);
        assertTrue(losses.find(), printed);
        double start = Double.parseDouble(losses.group(1));
        assertTrue(losses.find(), printed);
        assertTrue(Double.parseDouble(losses.group(1)) < start / 2, printed);
    }

    @Test
    void somebodyIsForgottenWithACertificate() throws Exception {
        String printed = printed(ForgetSomebody::main);
        assertTrue(printed.contains("certificate.json"), printed);
        assertTrue(printed.contains("model.zip"), printed);
    }

    @Test
    void policiesLearn() throws Exception {
        assertTrue(number(printed(() -> LearnByReinforce.main("20000")), "last episodes") > 30);
        assertTrue(number(printed(() -> LearnByPpo.main("20000")), "last episodes") > 30);
    }

    @Test
    @Tag("exhaustive")
    void anAdapterTrainsOnADevice() throws Exception {
        assumeTrue(EmulatedDevice.missing().isEmpty());
        String printed = printed(() -> ComputeOnADevice.main("emulated"));
        Matcher losses = Pattern.compile("loss ([0-9.]+)").matcher(printed);
        assertTrue(losses.find(), printed);
        double before = Double.parseDouble(losses.group(1));
        assertTrue(losses.find(), printed);
        assertTrue(Double.parseDouble(losses.group(1)) < before, printed);
    }

    /** As users' programs do not. */
    @Test
    void demosNeedNothingInternal() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            List<Path> files =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            assertTrue(files.size() >= 6, files::toString);
            for (Path file : files) {
                assertFalse(Files.readString(file).contains("org.amend4j.internal"), file::toString);
            }
        }
    }
}
