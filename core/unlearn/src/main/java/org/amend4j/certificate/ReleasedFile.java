/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

/**
 * A file of a release.
 *
 * @param name relative to the release's folder, with '/'
 * @param size in bytes
 * @param sha256 of its content: 64 hexadecimal digits
 */
public record ReleasedFile(String name, long size, String sha256) {}
