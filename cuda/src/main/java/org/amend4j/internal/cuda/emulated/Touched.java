/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

/**
 * What a kernel did to its arrays' memory: bytes that it read, and bytes that it wrote, each counted once however often.
 *
 * @param kernel its name
 */
public record Touched(String kernel, long read, long written) {}
