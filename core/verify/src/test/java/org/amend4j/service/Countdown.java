/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.NavigableSet;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.StepListener;

/**
 * Stops a service like a killed process when it has done so many things: told the time for an entry of its ledger, used its vault, written
 * a release, or made a step. What changes something can be stopped before and after it.
 */
final class Countdown {

    /** What stops it. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private int left;

    Countdown(int left) {
        this.left = left;
    }

    /** Whether it stopped the service. */
    boolean hasStopped() {
        return left < 0;
    }

    private void tick() {
        if (left-- == 0) {
            throw new Killed();
        }
    }

    Clock clock() {
        InstantSource source = () -> {
            tick();
            return Instant.parse("2026-01-02T03:04:05.678Z");
        };
        return source.withZone(ZoneOffset.UTC);
    }

    StepListener progress() {
        return new StepListener() {
            @Override
            public void madeStep(int step, int of) {
                tick();
            }

            @Override
            public void converging(int step, double gradientNorm, double wanted) {
                tick();
            }
        };
    }

    ReleaseWriter writer() {
        return this::write;
    }

    private void write(double[] theta, Path folder) throws IOException {
        tick();
        SmallService.write(theta, folder);
        tick();
    }

    CheckpointVault of(CheckpointVault vault) {
        return new CheckpointVault() {
            @Override
            public NavigableSet<Integer> steps() throws IOException {
                return vault.steps();
            }

            @Override
            public double[] read(int step) throws IOException {
                tick();
                return vault.read(step);
            }

            @Override
            public void keep(int step, double[] theta) throws IOException {
                tick();
                vault.keep(step, theta);
                tick();
            }

            @Override
            public String sha256(int step) throws IOException {
                return vault.sha256(step);
            }

            @Override
            public String keyId(int step) throws IOException {
                return vault.keyId(step);
            }

            @Override
            public List<String> destroyFrom(int step) throws IOException {
                tick();
                List<String> keys = vault.destroyFrom(step);
                tick();
                return keys;
            }

            @Override
            public void close() throws IOException {
                vault.close();
            }
        };
    }
}
