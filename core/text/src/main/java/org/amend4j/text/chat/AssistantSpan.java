/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

/** Characters of a chat's text that the assistant says: {@code [begin, end)}. */
public record AssistantSpan(int begin, int end) {}
