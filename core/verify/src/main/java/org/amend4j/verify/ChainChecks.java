/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.verify.Claims.Rewind;
import org.amend4j.verify.Claims.Schedule;

/** A certificate among those of its model: each names the one before, and what it says of all of them together is added up. */
final class ChainChecks {

    private static final String NAME = "chain";
    private static final double TOLERANCE = 1e-12;
    private static final double GENEROUS = 1 + 1e-6;

    private final SignedCertificate certificate;
    private final Optional<List<Path>> others;

    /** @param others files of all certificates at hand */
    ChainChecks(SignedCertificate certificate, Optional<List<Path>> others) {
        this.certificate = certificate;
        this.others = others;
    }

    Check chain() {
        Claims claims = certificate.claims();
        if (others.isEmpty() && !claims.references().hashes().isFirst()) {
            return Check.notChecked(NAME, "the certificates before it were not given");
        }
        Inspection all = new Inspection(NAME);
        List<SignedCertificate> chain = before(all);
        double squares = claims.protection().privacy().mu()
                * claims.protection().privacy().mu();
        int deleted = claims.deletion().records();
        SignedCertificate later = certificate;
        for (SignedCertificate one : chain) {
            squares += one.claims().protection().privacy().mu()
                    * one.claims().protection().privacy().mu();
            deleted += one.claims().deletion().records();
            follows(all, one, later);
            later = one;
        }
        double together = Math.sqrt(squares);
        all.requireAtLeast(
                "mu of all releases together", claims.protection().privacy().composedMu(), together, TOLERANCE);
        all.note(
                claims.protection().privacy().composedMu() > together * GENEROUS,
                "mu of all releases together is claimed to be "
                        + claims.protection().privacy().composedMu() + ", more than it need be");
        all.require(
                claims.deletion().recordsEver() == deleted,
                "its certificates deleted " + deleted + " records, not "
                        + claims.deletion().recordsEver());
        history(all, chain);
        return all.conclude(chain.size() + " certificates before it, each the one that the next names");
    }

    /** Those before it, newest first. */
    private List<SignedCertificate> before(Inspection all) {
        Map<String, SignedCertificate> byHash = new HashMap<>();
        for (Path file : others.orElse(List.of())) {
            try {
                SignedCertificate read = SignedCertificate.read(file);
                byHash.put(read.sha256(), read);
            } catch (RejectedException e) {
                all.require(false, file + " is no certificate: " + e.getMessage());
            }
        }
        List<SignedCertificate> chain = new ArrayList<>();
        SignedCertificate at = certificate;
        while (!at.claims().references().hashes().isFirst()) {
            // a hash cannot lead back to itself, and every certificate is taken once at most
            SignedCertificate previous =
                    byHash.remove(at.claims().references().hashes().previous());
            if (previous == null) {
                all.require(
                        false,
                        "the certificate with hash "
                                + at.claims().references().hashes().previous().substring(0, 16)
                                + "... that it rests on is missing");
                return chain;
            }
            chain.add(previous);
            at = previous;
        }
        return chain;
    }

    /** What two certificates of one model, one after the other, must agree on. */
    private static void follows(Inspection all, SignedCertificate one, SignedCertificate next) {
        Claims before = one.claims();
        Claims after = next.claims();
        all.require(one.publicKey().equals(next.publicKey()), "a certificate before it has another issuer");
        all.require(
                !after.claim().issued().isBefore(before.claim().issued()),
                "it was issued before the certificate that it names");
        all.require(
                after.deletion().recordsBefore() == before.deletion().recordsBefore(),
                "certificates of one model have different numbers of records");
        all.require(
                after.grounds().algorithm().steps()
                                == before.grounds().algorithm().steps()
                        && after.grounds().algorithm().boundedSteps()
                                == before.grounds().algorithm().boundedSteps(),
                "certificates of one model have different numbers of steps");
        all.require(
                after.references()
                        .hashes()
                        .others()
                        .equals(before.references().hashes().others()),
                "certificates of one model belong to different bases");
        all.require(
                after.references().hashes().ledgerSequence()
                        > before.references().hashes().ledgerSequence(),
                "its entry of the ledger is not after that of the certificate that it names");
        all.require(
                after.format() >= Math.min(2, before.format()),
                "a certificate of format 1 cannot follow one of format " + before.format());
    }

    /** The rewinds that it says came before are those of the certificates before it. */
    private void history(Inspection all, List<SignedCertificate> chain) {
        Optional<Schedule> schedule = certificate.claims().grounds().algorithm().schedule();
        if (schedule.isEmpty()) {
            return;
        }
        List<Rewind> rewinds = new ArrayList<>();
        for (int i = chain.size() - 1; i >= 0; i--) {
            Claims claims = chain.get(i).claims();
            rewinds.add(new Rewind(
                    claims.grounds().algorithm().checkpoint(), claims.deletion().recordsEver()));
        }
        all.require(
                schedule.get().earlier().equals(rewinds),
                "its earlier rewinds are not those of the certificates before it");
    }
}
