import { describe, expect, it } from "vitest";
import { passwordMinCharacters } from "../../shared/password_length.ts";
import { findPasswordProblem, normalizePassword } from "../../shared/passwords.ts";
import type { Role } from "../../shared/user.ts";

function problemOf(
  password: string,
  role: Role = "member",
  names: string[] = ["Ana", "Tea House"],
): string | null {
  return findPasswordProblem(normalizePassword(password), { role, names });
}

describe("findPasswordProblem()", () => {
  it("requires 8 characters for members and guests, 12 for owners and admins, at most 256", () => {
    expect((["owner", "admin", "member", "guest"] as const).map(passwordMinCharacters)).toEqual([
      12,
      12,
      8,
      8,
    ]);
    expect(problemOf("tea 4 me")).toBeNull();
    expect(problemOf("tea4 me")).toBe("Password must be at least 8 characters, got 7");
    expect(problemOf("tea for me!", "owner")).toBe("Password must be at least 12 characters, got 11");
    expect(problemOf("tea for me !", "admin")).toBeNull();
    const long = "tea for two, ".repeat(20).slice(0, 250);
    expect(problemOf(`${long}123456`.slice(3))).toBeNull();
    expect(problemOf(`x1${"y".repeat(255)}`)).toBe("Password must be at most 256 characters, got 257");
  });

  it("counts code points, so that emoji count as they are typed", () => {
    expect(problemOf("🔑🐎🔋📎🍵🚲🏠🌍")).toBeNull();
    expect(problemOf("🔑🐎🔋📎")).toContain("got 4");
  });

  it("refuses common passwords, also with digits and punctuation around them", () => {
    for (
      const password of [
        "password",
        "Password1!",
        "12345678",
        "qwertyuiop",
        "!!Sunshine2024!!",
        "iloveyou",
        "letmein1",
        "PASSWORD1234",
      ]
    ) {
      expect(problemOf(password), password).not.toBeNull();
    }
  });

  it("refuses sequences and repetitions", () => {
    for (
      const password of [
        "abcdefgh",
        "hgfedcba",
        "34567890",
        "aaaaaaaa",
        "abababab",
        "xyzxyzxyzx",
        "asdfghjkl",
        "9876543210",
      ]
    ) {
      expect(problemOf(password), password).not.toBeNull();
    }
  });

  it("refuses the names of the product, the workspace and the person", () => {
    for (const password of ["parley2030", "Ana-12345678", "tea house", "TEA HOUSE 1"]) {
      expect(problemOf(password), password).toContain("name");
    }
    expect(problemOf("banana split")).toBeNull();
  });

  it("accepts anything else: spaces, other scripts, long sentences", () => {
    for (
      const password of [
        "correct horse battery staple",
        "пароль для чая",
        "我的 密码 很长 很长",
        "  spaces  kept  ",
      ]
    ) {
      expect(problemOf(password), password).toBeNull();
    }
    expect(problemOf("half \ud800 pair")).toContain("well-formed");
  });
});
