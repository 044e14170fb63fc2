/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

/**
 * Why a request was refused. It may be repeated.
 *
 * @param ticket the sequence number of the request's entry in the ledger
 * @param name who asked; not stored in any file of the service
 * @param alone whether it could not be met even without the requests before it
 * @param reason with numbers; those of the request alone, if it cannot be met even by itself
 */
public record Refusal(long ticket, String name, boolean alone, String reason) {

    /** Without the name: texts end up in logs and notebooks. */
    @Override
    public String toString() {
        return "Refusal[ticket=" + ticket + ", alone=" + alone + ", reason=" + reason + "]";
    }
}
